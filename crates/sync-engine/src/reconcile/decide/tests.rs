//! The decision as a table: what was seen, what was written, what follows.

use std::collections::BTreeMap;

use cloudinary_core::{AssetId, DeliveryType, PublicId, ResourceType};
use event_mapper::{MappedAsset, ObjectRef, SkipReason};
use time::OffsetDateTime;

use super::*;
use crate::ports::Encryption;

const MD5: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "ffffffffffffffffffffffffffffffff";
const POLICY: Policy = Policy {
    upload_only: false,
    skip_same_etag: false,
    stored_as_sent: true,
};

fn owner(etag: &str) -> Owner {
    let asset = AssetId {
        resource_type: ResourceType::Image,
        delivery_type: DeliveryType::Upload,
        public_id: PublicId::new("cat").expect("valid"),
    };
    Owner {
        object: ObjectRef::new("bucket", "cat.jpg"),
        state: ObjectState {
            etag: etag.to_owned(),
            size: 4,
            version_id: None,
            last_modified: OffsetDateTime::UNIX_EPOCH,
            encryption: Encryption::None,
            archived: false,
            metadata: BTreeMap::new(),
        },
        mapped: MappedAsset {
            asset,
            asset_folder: None,
            display_name: None,
        },
    }
}

fn uploaded(owner: Owner, stored: Option<&str>) -> Written {
    let answer = Uploaded {
        etag: stored.map(str::to_owned),
        bytes: None,
    };
    Written::Upload {
        owner,
        answer,
        mismatched: None,
    }
}

fn upload(owner: Owner, cause: Option<RerunCause>) -> Plan {
    Plan::Upload {
        owner,
        cause,
        mismatched: None,
    }
}

#[test]
fn an_object_that_is_there_is_uploaded() {
    assert_eq!(
        decide(&Seen::Owner(owner(MD5)), None, POLICY),
        upload(owner(MD5), None)
    );
}

#[test]
fn a_proven_absence_destroys() {
    assert_eq!(
        decide(&Seen::Absent, None, POLICY),
        Plan::Destroy { cause: None }
    );
}

#[test]
fn a_look_that_agrees_with_the_write_ends_the_run() {
    let seen = Seen::Owner(owner(MD5));
    for stored in [Some(MD5), None] {
        let written = uploaded(owner(MD5), stored);
        assert_eq!(
            decide(&seen, Some(&written), POLICY),
            Plan::Done(Outcome::Uploaded)
        );
    }
    let destroyed = decide(&Seen::Absent, Some(&Written::Destroy), POLICY);
    assert_eq!(destroyed, Plan::Done(Outcome::Destroyed));
}

#[test]
fn md5s_are_compared_without_regard_to_case() {
    let written = uploaded(owner(MD5), Some(&MD5.to_uppercase()));
    let plan = decide(&Seen::Owner(owner(MD5)), Some(&written), POLICY);
    assert_eq!(plan, Plan::Done(Outcome::Uploaded));
}

#[test]
fn a_look_that_disagrees_with_the_write_writes_again() {
    let written = uploaded(owner(MD5), Some(MD5));
    let changed = Some(RerunCause::Changed);
    assert_eq!(
        decide(&Seen::Owner(owner(OTHER)), Some(&written), POLICY),
        upload(owner(OTHER), changed)
    );
    assert_eq!(
        decide(&Seen::Absent, Some(&written), POLICY),
        Plan::Destroy { cause: changed }
    );
    assert_eq!(
        decide(&Seen::Owner(owner(MD5)), Some(&Written::Destroy), POLICY),
        upload(owner(MD5), changed)
    );
}

#[test]
fn every_sign_of_another_write_counts() {
    let written = uploaded(owner(MD5), Some(MD5));
    let changes: [fn(&mut Owner); 5] = [
        |owner| owner.state.version_id = Some("v2".to_owned()),
        |owner| owner.state.last_modified += std::time::Duration::from_secs(1),
        |owner| owner.state.size += 1,
        |owner| owner.state.etag = OTHER.to_owned(),
        |owner| owner.object.key = "cat.png".to_owned(),
    ];
    for change in changes {
        let mut now = owner(MD5);
        change(&mut now);
        let plan = decide(&Seen::Owner(now.clone()), Some(&written), POLICY);
        assert_eq!(plan, upload(now, Some(RerunCause::Changed)));
    }
}

#[test]
fn other_bytes_are_uploaded_again_but_not_for_ever() {
    let seen = Seen::Owner(owner(MD5));
    let Plan::Upload {
        cause, mismatched, ..
    } = decide(&seen, Some(&uploaded(owner(MD5), Some(OTHER))), POLICY)
    else {
        panic!("not uploaded again");
    };
    assert_eq!(
        (cause, mismatched.as_deref()),
        (Some(RerunCause::Mismatch), Some(OTHER))
    );
    let answer = Uploaded {
        etag: Some(OTHER.to_owned()),
        bytes: None,
    };
    let again = Written::Upload {
        owner: owner(MD5),
        answer,
        mismatched,
    };
    assert_eq!(
        decide(&seen, Some(&again), POLICY),
        Plan::Done(Outcome::Uploaded)
    );
}

#[test]
fn a_tag_that_is_no_md5_proves_nothing_and_disproves_nothing() {
    let multipart = format!("{MD5}-3");
    let written = uploaded(owner(&multipart), Some(OTHER));
    let plan = decide(&Seen::Owner(owner(&multipart)), Some(&written), POLICY);
    assert_eq!(plan, Plan::Done(Outcome::Uploaded));
    let policy = Policy {
        stored_as_sent: false,
        ..POLICY
    };
    let written = uploaded(owner(MD5), Some(OTHER));
    let plan = decide(&Seen::Owner(owner(MD5)), Some(&written), policy);
    assert_eq!(plan, Plan::Done(Outcome::Uploaded));
}

#[test]
fn a_comparison_comes_before_the_first_write_only() {
    let policy = Policy {
        skip_same_etag: true,
        ..POLICY
    };
    let seen = Seen::Owner(owner(MD5));
    assert_eq!(decide(&seen, None, policy), Plan::Compare(owner(MD5)));
    let after_destroy = decide(&seen, Some(&Written::Destroy), policy);
    assert_eq!(after_destroy, upload(owner(MD5), Some(RerunCause::Changed)));
    let multipart = format!("{MD5}-3");
    let plan = decide(&Seen::Owner(owner(&multipart)), None, policy);
    assert_eq!(plan, upload(owner(&multipart), None));
}

#[test]
fn what_is_not_to_be_done_is_skipped() {
    let mut archived = owner(MD5);
    archived.state.archived = true;
    let seen = Seen::Owner(archived.clone());
    assert_eq!(decide(&seen, None, POLICY), skip(Skip::Archived));
    let written = uploaded(archived, Some(MD5));
    assert_eq!(
        decide(&seen, Some(&written), POLICY),
        Plan::Done(Outcome::Uploaded)
    );
    let zero_bytes = skip(Skip::ByRules(SkipReason::ZeroBytes));
    assert_eq!(decide(&Seen::OnlyEmpty, None, POLICY), zero_bytes);
    let policy = Policy {
        upload_only: true,
        ..POLICY
    };
    assert_eq!(decide(&Seen::Absent, None, policy), skip(Skip::UploadOnly));
}
