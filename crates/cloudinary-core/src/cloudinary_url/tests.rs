//! Every documented form, every mistake people make, and that no mistake shows the secret.

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

fn account(url: &str) -> Account {
    url.parse().unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn mistake(url: &str) -> CloudinaryUrlError {
    url.parse::<Account>().expect_err(url)
}

fn pair(account: &Account) -> (&str, &str) {
    let pair = account.credentials.key_pair().expect("key pair");
    (&pair.api_key, pair.api_secret.expose_secret())
}

#[test]
fn the_plain_form_gives_the_public_hosts() {
    let account = account("  cloudinary://1234:abc-_d@My-Cloud\n");
    assert_eq!(account.cloud_name.as_str(), "My-Cloud");
    assert_eq!(pair(&account), ("1234", "abc-_d"));
    assert_eq!(account.upload_prefix.as_str(), "https://api.cloudinary.com");
    assert_eq!(
        account.delivery_base.as_str(),
        "https://res.cloudinary.com/My-Cloud"
    );
    assert_eq!(account.signature_algorithm, SignatureAlgorithm::Sha1);
    assert_eq!(account.signature_version, SignatureVersion::V2);
}

#[test]
fn scheme_ignores_case_and_user_info_is_percent_decoded() {
    assert_eq!(
        pair(&account("CLOUDINARY://k%40y:s%2Fe%3Ac@demo")),
        ("k@y", "s/e:c")
    );
}

#[test]
fn unescaped_separators_in_the_secret_are_tolerated() {
    assert_eq!(
        pair(&account("cloudinary://key:a@b/c:d@demo")),
        ("key", "a@b/c:d")
    );
}

#[test]
fn a_host_in_the_path_is_a_private_cdn() {
    let base = |url: &str| account(url).delivery_base.to_string();
    assert_eq!(
        base("cloudinary://k:s@demo/cdn.example.com"),
        "https://cdn.example.com"
    );
    assert_eq!(
        base("cloudinary://k:s@demo/cdn.example.com?private_cdn=false"),
        "https://cdn.example.com/demo"
    );
    assert_eq!(
        base("cloudinary://k:s@demo/"),
        "https://res.cloudinary.com/demo"
    );
}

#[test]
fn settings_choose_the_delivery_host() {
    let base = |query: &str| account(&format!("cloudinary://k:s@demo?{query}")).delivery_base;
    assert_eq!(
        base("private_cdn=true").as_str(),
        "https://demo-res.cloudinary.com"
    );
    assert_eq!(
        base("secure_distribution=a.test").as_str(),
        "https://a.test/demo"
    );
    assert_eq!(
        base("secure_distribution=a.test&private_cdn=1").as_str(),
        "https://a.test"
    );
    assert_eq!(
        base("upload_prefix=http://127.0.0.1:9400").as_str(),
        "http://127.0.0.1:9400/demo",
        "an emulator must never be asked about through the real CDN"
    );
    assert_eq!(
        base("upload_prefix=https://api-eu.cloudinary.com").as_str(),
        "https://res.cloudinary.com/demo"
    );
}

#[test]
fn known_settings_are_read_and_unknown_or_nested_ones_ignored() {
    let account = account(
        "cloudinary://k:s@demo?upload_prefix=http%3A%2F%2Flocalhost%3A1%2F&signature_algorithm=sha256\
         &signature_version=1&timeout=2.5&upload_timeout=61&chunk_size=6000000\
         &api_proxy=http://u:p@proxy:3128&auth_token[key]=00&secure=false&analytics",
    );
    assert_eq!(account.upload_prefix.as_str(), "http://localhost:1");
    assert_eq!(account.signature_algorithm, SignatureAlgorithm::Sha256);
    assert_eq!(account.signature_version, SignatureVersion::V1);
    assert_eq!(account.timeout, Some(Duration::from_millis(2500)));
    assert_eq!(account.upload_timeout, Some(Duration::from_secs(61)));
    assert_eq!(account.chunk_size, Some(6_000_000));
    let proxy = account.api_proxy.expect("proxy");
    assert_eq!(proxy.expose_secret(), "http://u:p@proxy:3128");
}

#[test]
fn a_token_replaces_the_key_or_stands_beside_it() {
    let alone = account("cloudinary://demo?oauth_token=tok");
    let Credentials::OAuth {
        token,
        key_pair: None,
    } = alone.credentials
    else {
        panic!("token without key expected");
    };
    assert_eq!(token.expose_secret(), "tok");
    let beside = account("cloudinary://k:s@demo?oauth_token=tok");
    assert_eq!(pair(&beside), ("k", "s"));
    assert!(matches!(beside.credentials, Credentials::OAuth { .. }));
}

#[test]
fn each_mistake_has_its_own_error() {
    use CloudinaryUrlError as E;
    assert_eq!(mistake(" "), E::Empty);
    assert_eq!(mistake("https://k:s@demo"), E::Scheme);
    assert_eq!(mistake("CLOUDINARY_URL=cloudinary://k:s@demo"), E::Scheme);
    assert_eq!(mistake("cloudinary://:s@demo"), E::MissingApiKey);
    assert_eq!(mistake("cloudinary://k@demo"), E::MissingApiSecret);
    assert_eq!(mistake("cloudinary://k:@demo"), E::MissingApiSecret);
    assert_eq!(mistake("cloudinary://demo"), E::MissingCredentials);
    assert_eq!(
        mistake("cloudinary://k:s@"),
        E::CloudName(CloudNameError::Length(0))
    );
    assert_eq!(
        mistake("cloudinary://key:secret"),
        E::CloudName(CloudNameError::Character)
    );
    assert_eq!(
        mistake("cloudinary://<your_api_key>:s@demo"),
        E::Placeholder("API key")
    );
    assert_eq!(
        mistake("cloudinary://k:<secret>@demo"),
        E::Placeholder("API secret")
    );
    assert_eq!(
        mistake("cloudinary://k:%ff@demo"),
        E::Encoding("API secret")
    );
}

#[test]
fn an_impossible_setting_is_named_with_what_is_allowed() {
    for (query, key) in [
        ("signature_algorithm=md5", "signature_algorithm"),
        ("signature_version=3", "signature_version"),
        ("upload_prefix=api.cloudinary.com", "upload_prefix"),
        ("upload_prefix=https://u:p@host", "upload_prefix"),
        ("private_cdn=maybe", "private_cdn"),
        ("timeout=-1", "timeout"),
        ("timeout=0", "timeout"),
        ("upload_timeout=NaN", "upload_timeout"),
        ("chunk_size=20MB", "chunk_size"),
        ("api_proxy=none", "api_proxy"),
    ] {
        let error = mistake(&format!("cloudinary://k:s@demo?{query}"));
        assert!(
            matches!(&error, CloudinaryUrlError::Setting { key: named, .. } if *named == key),
            "{query}: {error:?}"
        );
    }
}

#[test]
fn no_error_shows_the_secret() {
    for url in [
        "http://key:TOPSECRET@demo",
        "cloudinary://key:TOPSECRET",
        "cloudinary://key:TOPSECRET@",
        "cloudinary://key:TOPSECRET@de mo",
        "cloudinary://key:TOPSECRET?@demo",
        "cloudinary://:TOPSECRET@demo",
        "cloudinary://key:TOPSECRET%ff@demo",
        "cloudinary://key:<TOPSECRET>@demo",
        "cloudinary://key:s@demo?upload_prefix=TOPSECRET",
        "cloudinary://demo?oauth_token=TOPSECRET&timeout=x",
    ] {
        let Err(error) = url.parse::<Account>() else {
            panic!("{url} was accepted")
        };
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("TOPSECRET"), "{url}: {shown}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in ".{0,80}") {
        let _ = text.parse::<Account>();
        let _ = format!("cloudinary://{text}").parse::<Account>();
        let _ = format!("cloudinary://k:s@demo?{text}").parse::<Account>();
    }

    #[test]
    fn any_encoded_secret_comes_back_unchanged(secret in "\\PC{1,40}") {
        let encoded = percent_encoding::utf8_percent_encode(&secret, percent_encoding::NON_ALPHANUMERIC);
        let account = account(&format!("cloudinary://key:{encoded}@demo"));
        prop_assert_eq!(pair(&account), ("key", secret.as_str()));
    }
}
