// What a team writes with `sqs-consumer` and Cloudinary's Node SDK: batches of ten, so many
// consumers that 50 messages are in flight, one upload for each event that Cloudinary pulls
// from S3. No look at the bucket, no search. Connections are kept, which is not the SDK's default.

import http from "node:http";
import https from "node:https";
import { SQSClient } from "@aws-sdk/client-sqs";
import { v2 as cloudinary } from "cloudinary";
import { Consumer } from "sqs-consumer";

const BATCH = 10;
const inFlight = Number(process.env.IN_FLIGHT);
const plain = (process.env.CLOUDINARY_URL ?? "").includes("upload_prefix=http:");
const agent = new (plain ? http : https).Agent({ keepAlive: true, maxSockets: inFlight });

async function sync(message) {
  for (const record of JSON.parse(message.Body).Records) {
    const key = decodeURIComponent(record.s3.object.key.replaceAll("+", " "));
    await cloudinary.uploader.upload(`s3://${record.s3.bucket.name}/${key}`, {
      public_id: key.replace(/^media/, "site").replace(/\.[^./]+$/, ""),
      resource_type: "image",
      overwrite: true,
      invalidate: true,
      agent,
    });
  }
  return message;
}

const sqs = new SQSClient({});
for (let started = 0; started < inFlight / BATCH; started += 1) {
  const consumer = Consumer.create({
    sqs,
    queueUrl: process.env.QUEUE_URL,
    batchSize: BATCH,
    handleMessageBatch: (messages) => Promise.all(messages.map(sync)),
  });
  consumer.on("error", (error) => console.error(error.message));
  consumer.on("processing_error", (error) => console.error(error.message));
  consumer.start();
}
