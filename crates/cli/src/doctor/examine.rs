//! Looks at everything that the settings name, and hands what was seen to the checks.
//!
//! The one place of the doctor that talks to anybody. Looks that do not need each other run at
//! the same time, each has an end of its own, and one that fails never hides another.
//! What hangs on something out of reach is left out: that it is out of reach says enough.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_adapters::{Aws, InspectError, Inspector, QueueSettings};
use cloudinary_client::{Client, ClientSettings};
use sync_engine::Transfer;
use telemetry::error_chain;
use worker::Config;

use super::finding::{Finding, about};
use super::notification::Wanted;
use super::unseen::{unseen, unusable};
use super::{bucket, cloudinary, command, dead_letters, grant, notification, queue, sending};

/// How long a question to Cloudinary may take.
const LIMIT: Duration = Duration::from_secs(8);

/// Every finding, in the order in which things are to be put right.
pub(crate) async fn everything(config: &Config) -> Vec<Finding> {
    let aws = Box::pin(Aws::from_env(None)).await;
    let doctor = Doctor {
        config,
        inspector: Inspector::new(&aws),
    };
    let (aws, cloudinary) = tokio::join!(Box::pin(doctor.aws()), Box::pin(doctor.cloudinary()));
    [aws, cloudinary].concat()
}

struct Doctor<'a> {
    config: &'a Config,
    inspector: Inspector,
}

impl Doctor<'_> {
    async fn aws(&self) -> Vec<Finding> {
        let url = &self.config.queue_url;
        let (buckets, unnamed) = self.buckets();
        let (queue, regions) = tokio::join!(
            Box::pin(self.inspector.queue(url)),
            Box::pin(self.regions(buckets.keys()))
        );
        let mut found = self.queue(&queue).await;
        for ((bucket, prefixes), region) in buckets.iter().zip(regions) {
            let queue = queue.as_ref().ok();
            found.extend(self.bucket(bucket, prefixes, region, queue).await);
        }
        if unnamed {
            found.extend(about("bucket", vec![bucket::unnamed()]));
        }
        found
    }

    async fn queue(&self, queue: &Result<QueueSettings, InspectError>) -> Vec<Finding> {
        let (url, letters_url) = (
            &self.config.queue_url,
            self.config.dead_letter_queue_url.as_deref(),
        );
        let name = queue::name_of(url);
        let subject = format!("queue {name}");
        let queue = match queue {
            Ok(queue) => queue,
            Err(error) => {
                let create = command::aws(&["sqs", "create-queue", "--queue-name", name]);
                let action = "sqs:GetQueueAttributes";
                let away = unusable("queue.reachable", error, action, create);
                return about(&subject, vec![away]);
            }
        };
        let lease = self.config.limits.visibility_timeout;
        let own = queue::check(url, queue, letters_url, lease);
        [about(&subject, own), self.dead_letters(queue).await].concat()
    }

    async fn dead_letters(&self, queue: &QueueSettings) -> Vec<Finding> {
        let queue_url = &self.config.queue_url;
        let configured = self.config.dead_letter_queue_url.as_deref();
        let first = dead_letters::configured(configured, queue_url, queue);
        let Some(url) = dead_letters::url(configured, queue_url, queue) else {
            return about("dead-letter queue", vec![first]);
        };
        let rest = match self.inspector.queue(&url).await {
            Ok(letters) => dead_letters::check(&url, &letters, queue),
            Err(error) => vec![dead_letters::unreachable(&url, &error)],
        };
        let subject = format!("dead-letter queue {}", queue::name_of(&url));
        about(&subject, [vec![first], rest].concat())
    }

    /// Each bucket with the folders that are synced from it, and whether a route names none.
    fn buckets(&self) -> (BTreeMap<String, Vec<String>>, bool) {
        let mut buckets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for route in &self.config.rules.routes {
            if let Some(bucket) = &route.bucket {
                let folder = route.prefix.trim_matches('/');
                let end = if folder.is_empty() { "" } else { "/" };
                let prefixes = buckets.entry(bucket.clone()).or_default();
                prefixes.push(format!("{folder}{end}"));
            }
        }
        let routes = self.config.rules.routes.iter();
        let unnamed = routes.into_iter().any(|route| route.bucket.is_none());
        (buckets, unnamed)
    }

    async fn regions(
        &self,
        buckets: impl Iterator<Item = &String>,
    ) -> Vec<Result<Option<String>, InspectError>> {
        let mut regions = Vec::new();
        for bucket in buckets {
            regions.push(self.inspector.bucket_region(bucket).await);
        }
        regions
    }

    async fn bucket(
        &self,
        name: &str,
        prefixes: &[String],
        region: Result<Option<String>, InspectError>,
        queue: Option<&QueueSettings>,
    ) -> Vec<Finding> {
        let subject = format!("bucket {name}");
        let region = match region {
            Ok(region) => region,
            Err(error) => {
                let create = command::aws(&["s3", "mb", &format!("s3://{name}")]);
                let away = unusable("bucket.reachable", &error, "s3:ListBucket", create);
                return about(&subject, vec![away]);
            }
        };
        let queue_arn = queue.map(|queue| queue.attributes.arn.as_str());
        let asked = self.inspector.region();
        let region = bucket::region(name, region.as_deref(), asked, queue_arn);
        let reached = Finding::pass("bucket.reachable", "it is there");
        let (rights, wiring, grants) = tokio::join!(
            Box::pin(self.rights(name, prefixes)),
            Box::pin(self.wiring(name, prefixes, queue)),
            Box::pin(self.grants(name, prefixes, queue_arn.unwrap_or_default())),
        );
        about(
            &subject,
            [vec![reached, region], rights, wiring, grants].concat(),
        )
    }

    async fn rights(&self, name: &str, prefixes: &[String]) -> Vec<Finding> {
        let mut found = Vec::new();
        for prefix in prefixes {
            let seen = self.inspector.list(name, prefix).await;
            found.push(bucket::listing(name, prefix, &seen));
        }
        let folder = prefixes.first().map(String::as_str).unwrap_or_default();
        let key = format!("{folder}.cldsync-doctor-looks-for-nothing");
        let (missing, versioning) = tokio::join!(
            self.inspector.has_object(name, &key),
            self.inspector.versioning(name)
        );
        found.push(bucket::missing_key(&missing));
        found.push(bucket::versioning(&versioning));
        found
    }

    /// Whether events get from the bucket into the queue.
    async fn wiring(
        &self,
        name: &str,
        prefixes: &[String],
        queue: Option<&QueueSettings>,
    ) -> Vec<Finding> {
        let Some(queue) = queue else {
            return Vec::new();
        };
        let wanted = Wanted {
            bucket: name,
            queue_arn: &queue.attributes.arn,
            prefixes,
            deletes: !self.config.upload_only,
        };
        let told = self.inspector.notifications(name).await;
        let senders = notification::senders(told.as_ref().ok(), &wanted).into_iter();
        let url = &self.config.queue_url;
        // S3 tries to send when it is configured, so the policy comes first.
        let policies = senders.map(|sender| sending::check(url, queue, sender));
        let mut found: Vec<Finding> = policies.collect();
        match &told {
            Ok(told) => found.extend(notification::check(told, &wanted)),
            Err(error) => {
                let action = "s3:GetBucketNotification";
                found.push(unseen("bucket.notification", error, action));
            }
        }
        found
    }

    /// Only in this mode does Cloudinary read the bucket with rights of its own.
    async fn grants(&self, name: &str, prefixes: &[String], queue_arn: &str) -> Vec<Finding> {
        if self.config.transfer != Transfer::S3 {
            return Vec::new();
        }
        let marker = grant::marker(self.config.account.cloud_name.as_str());
        let (has_marker, policy, encryption) = tokio::join!(
            self.inspector.has_object(name, &marker),
            self.inspector.bucket_policy(name),
            self.inspector.encryption(name)
        );
        grant::check(&grant::Sight {
            bucket: name,
            bucket_arn: sending::bucket_arn(queue_arn, name),
            prefixes,
            marker,
            has_marker,
            policy,
            encryption,
        })
    }

    async fn cloudinary(&self) -> Vec<Finding> {
        let subject = format!("cloud {}", self.config.account.cloud_name);
        let settings = ClientSettings {
            read_timeout: LIMIT,
            ..ClientSettings::default()
        };
        let client = match Client::new(self.config.account.clone(), settings) {
            Ok(client) => client,
            Err(error) => {
                let message = error_chain(&error).to_string();
                let fix = "export CLOUDINARY_URL=cloudinary://API_KEY:API_SECRET@CLOUD";
                let failure = Finding::failure("cloudinary.credentials", message, fix);
                return about(&subject, vec![failure]);
            }
        };
        let ping = client.ping().await;
        let more = match &ping {
            Ok(_) => Some(tokio::join!(client.folder_mode(), client.usage())),
            Err(_) => None,
        };
        let account = cloudinary::Account { ping, more };
        about(
            &subject,
            cloudinary::check(&account, self.config.folder_mode),
        )
    }
}
