//! What authenticating one upload costs.
//!
//! Run with `cargo bench -p cloudinary-core --bench signing`.

use std::hint::black_box;
use std::time::Duration;

use cloudinary_core::{SignatureAlgorithm, SignatureVersion, SigningKey};
use criterion::Criterion;

/// What a usual upload sends.
const PARAMS: [(&str, &str); 8] = [
    ("public_id", "site/2026/summer/beach"),
    ("type", "upload"),
    ("overwrite", "true"),
    ("invalidate", "true"),
    ("asset_folder", "site/2026/summer"),
    ("display_name", "beach"),
    (
        "context",
        "s3_key=media/2026/summer/beach.jpg|s3_etag=d41d8cd98f00b204e9800998ecf8427e",
    ),
    ("timestamp", "1772600767"),
];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let algorithms = [
        ("sign/sha1", SignatureAlgorithm::Sha1),
        ("sign/sha256", SignatureAlgorithm::Sha256),
    ];
    for (name, algorithm) in algorithms {
        let key = SigningKey::new("secret".to_owned().into(), algorithm);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| key.sign(black_box(PARAMS), SignatureVersion::default()));
        });
    }
    criterion.final_summary();
}
