//! What `demo --serve` prints: where everything is, and commands to copy.

use super::stage::{BUCKET, Stage};

/// Addresses and commands.
pub(crate) fn guide(stage: &Stage) -> String {
    let aws = stage.aws.endpoint();
    let cloudinary = stage.cloudinary.endpoint();
    let cloudinary_url = stage.cloudinary.cloudinary_url();
    let admin = stage.admin;
    format!(
        "
Everything keeps running until Ctrl-C.

S3 and SQS      {aws}
CLOUDINARY_URL  {cloudinary_url}
metrics         http://{admin}/metrics
health          http://{admin}/readyz

Change the bucket, and look at what Cloudinary holds:

  curl -T photo.jpg {aws}/{BUCKET}/photo.jpg
  curl {cloudinary}/demo/image/upload/photo -o copy.jpg
  curl -X DELETE {aws}/{BUCKET}/photo.jpg
  curl {cloudinary}/_emulator/assets

Or with AWS's own tools:

  export AWS_ENDPOINT_URL={aws} AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo
  aws s3 ls s3://{BUCKET} --recursive
"
    )
}
