//! Multipart uploads: parts that become one object, with S3's rules for lists and sizes.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use md5::{Digest, Md5};
use time::OffsetDateTime;

use crate::s3::error::S3Failure;
use crate::s3::object::{Object, Properties};

/// Every part but the last must have this many bytes.
const MIN_PART_BYTES: usize = 5 << 20;

/// An upload that is neither completed nor aborted.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) properties: Properties,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) parts: BTreeMap<i32, Part>,
}

/// An uploaded part.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) body: Bytes,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) modified: OffsetDateTime,
}

impl Part {
    pub(crate) fn new(body: Bytes, modified: OffsetDateTime) -> Self {
        Self {
            etag: hex::encode(Md5::digest(&body)),
            body,
            modified,
        }
    }
}

impl Upload {
    pub(crate) fn bytes(&self) -> u64 {
        self.parts.values().map(|part| part.body.len() as u64).sum()
    }

    /// The object that the listed parts make: number and `ETag` each, in ascending order.
    pub(crate) fn assemble(&self, list: &[(i32, String)]) -> Result<Object, S3Failure> {
        let parts = self.chosen(list)?;
        let mut body = BytesMut::with_capacity(parts.iter().map(|part| part.body.len()).sum());
        let mut digest = Md5::new();
        for part in &parts {
            body.extend_from_slice(&part.body);
            digest.update(Md5::digest(&part.body));
        }
        let count = parts.len();
        Ok(Object {
            etag: format!("{}-{count}", hex::encode(digest.finalize())),
            body: body.freeze(),
            properties: self.properties.clone(),
            tags: self.tags.clone(),
            restored_until: None,
        })
    }

    fn chosen(&self, list: &[(i32, String)]) -> Result<Vec<&Part>, S3Failure> {
        if list.is_empty() {
            return Err(S3Failure::InvalidPart);
        }
        if !list.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(S3Failure::InvalidPartOrder);
        }
        let find = |(number, etag): &(i32, String)| {
            self.parts.get(number).filter(|part| part.etag == *etag)
        };
        let parts: Vec<_> = list
            .iter()
            .map(find)
            .collect::<Option<_>>()
            .ok_or(S3Failure::InvalidPart)?;
        let too_small = parts
            .iter()
            .rev()
            .skip(1)
            .any(|part| part.body.len() < MIN_PART_BYTES);
        if too_small {
            Err(S3Failure::EntityTooSmall)
        } else {
            Ok(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(bodies: &[Bytes]) -> Upload {
        let parts = (1..)
            .zip(bodies)
            .map(|(n, body)| (n, Part::new(body.clone(), OffsetDateTime::UNIX_EPOCH)))
            .collect();
        Upload {
            key: "k".to_owned(),
            properties: Properties::default(),
            tags: BTreeMap::new(),
            parts,
        }
    }

    fn list(upload: &Upload) -> Vec<(i32, String)> {
        upload
            .parts
            .iter()
            .map(|(number, part)| (*number, part.etag.clone()))
            .collect()
    }

    #[test]
    fn the_etag_is_the_md5_of_the_parts_md5s_and_their_count() {
        let upload = upload(&[
            Bytes::from(vec![0; MIN_PART_BYTES]),
            Bytes::from_static(b"tail"),
        ]);
        let object = upload.assemble(&list(&upload)).unwrap();
        let digests = [Md5::digest(vec![0; MIN_PART_BYTES]), Md5::digest(b"tail")].concat();
        assert_eq!(
            object.etag,
            format!("{}-2", hex::encode(Md5::digest(digests)))
        );
        assert_eq!(object.size(), MIN_PART_BYTES as u64 + 4);
    }

    #[test]
    fn only_the_last_part_may_be_small() {
        let upload = upload(&[Bytes::from_static(b"small"), Bytes::from_static(b"tail")]);
        assert_eq!(
            upload.assemble(&list(&upload)).unwrap_err(),
            S3Failure::EntityTooSmall
        );
        assert!(upload.assemble(&list(&upload)[1..]).is_ok());
    }

    #[test]
    fn a_list_must_be_in_order_and_name_what_was_uploaded() {
        let upload = upload(&[Bytes::from_static(b"a"), Bytes::from_static(b"b")]);
        let mut reversed = list(&upload);
        reversed.reverse();
        assert_eq!(
            upload.assemble(&reversed).unwrap_err(),
            S3Failure::InvalidPartOrder
        );
        assert_eq!(
            upload.assemble(&[(1, "wrong".to_owned())]).unwrap_err(),
            S3Failure::InvalidPart
        );
        assert_eq!(upload.assemble(&[]).unwrap_err(), S3Failure::InvalidPart);
    }
}
