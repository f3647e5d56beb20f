"""What the published FTP-API Lambda does with an event, fed from a queue by boto3.

For each event: one search for the delivery type, then an upload that Cloudinary pulls from S3,
with the official SDK. A thread for each message in flight, because that is how Python waits for
several calls at once. A batch of acknowledgements for each receive.
"""

import json
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from os.path import splitext
from urllib.parse import unquote_plus

import boto3
import cloudinary

IN_FLIGHT = int(os.environ["IN_FLIGHT"])
BATCH = 10

# The SDK keeps one connection by default and throws the others away; this keeps one per thread.
cloudinary.CERT_KWARGS["maxsize"] = IN_FLIGHT

import cloudinary.search  # noqa: E402
import cloudinary.uploader  # noqa: E402

S3_ROOT = os.environ["s3_sync_root"]
CLD_ROOT = os.environ["cld_sync_root"]
IMAGES = set(
    "ai gif webp bmp djvu ps ept eps eps3 flif heif heic ico jpg jpe jpeg jp2 wdp jxr hdp pdf png "
    "psb psd arw cr2 svg tga tif tiff indd idml".split()
)
VIDEOS = set("3g2 3gp avi flv m2ts mov mkv mp4 mpeg ogv webm wmv aac aif aiff amr flac m4a mp3 ts ogg wav".split())

logger = logging.getLogger("lambda")


def resource_type(extension):
    extension = extension[1:].lower()
    if extension in IMAGES:
        return "image"
    return "video" if extension in VIDEOS else "raw"


def delivery_type(kind, public_id):
    expression = f"resource_type:{kind} AND public_id={public_id}"
    found = cloudinary.search.Search().expression(expression).max_results("1").execute()
    resources = found["resources"]
    if len(resources) == 1 and resources[0]["public_id"] == public_id:
        return resources[0]["type"]
    return "upload"


def sync(event):
    record = event["Records"][0]
    bucket = record["s3"]["bucket"]["name"]
    key = record["s3"]["object"]["key"]
    stem, extension = splitext(key)
    kind = resource_type(extension)
    public_id = unquote_plus(stem.replace(S3_ROOT, CLD_ROOT, 1))
    if kind == "raw":
        public_id += extension
    found_type = delivery_type(kind, public_id)
    logger.info("%s, %s, create = 1, delete = 0", bucket, public_id)
    result = cloudinary.uploader.upload(
        f"s3://{bucket}/{unquote_plus(key)}",
        public_id=public_id,
        resource_type=kind,
        type=found_type,
    )
    if result["bytes"] != record["s3"]["object"]["size"]:
        raise RuntimeError("Upload to cld failed")
    logger.info("Returned: 200, OK")


def handle(message):
    sync(json.loads(message["Body"]))
    return {"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]}


def poll(queue, url, workers):
    while True:
        answer = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=20)
        messages = answer.get("Messages", [])
        if messages:
            queue.delete_message_batch(QueueUrl=url, Entries=list(workers.map(handle, messages)))


def main():
    logging.basicConfig(level=logging.WARNING)
    logger.setLevel(logging.INFO)
    queue = boto3.client("sqs")
    workers = ThreadPoolExecutor(IN_FLIGHT)
    arguments = (queue, os.environ["QUEUE_URL"], workers)
    pollers = [threading.Thread(target=poll, args=arguments, daemon=True) for _ in range(IN_FLIGHT // BATCH)]
    for poller in pollers:
        poller.start()
    for poller in pollers:
        poller.join()


main()
