"""Drives the Cloudinary emulator with Cloudinary's Python SDK.

Takes the account from CLOUDINARY_URL, whose upload_prefix is the emulator. Prints one line per
check and exits with 1 at the first one that fails. The SDK is the judge: what it sends must be
understood and what it is answered must satisfy its own parsers and verifiers.
"""

import base64
import hashlib
import io
import json
import os
import queue
import struct
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import cloudinary
import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils


def png(width, height):
    """A real PNG, so that format and size are read from its bytes."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\x40\x80\xc0" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


PICTURE = png(3, 2)
ENDPOINT = cloudinary.config().upload_prefix
CLOUD = cloudinary.config().cloud_name


class Outside(BaseHTTPRequestHandler):
    """The rest of the internet: serves one picture and receives notifications."""

    received = queue.Queue()

    def do_GET(self):
        found = self.path == "/picture.png"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(PICTURE) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(PICTURE)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.put((dict(self.headers), body.decode()))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def outside():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d" % server.server_port


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def equal(actual, expected):
    assert actual == expected, "expected %r, got %r" % (expected, actual)


def md5(data):
    return hashlib.md5(data).hexdigest()


def raises(error, text, call, *args, **options):
    try:
        answer = call(*args, **options)
    except error as raised:
        assert type(raised) is error, "raised %r" % raised
        assert text in str(raised), "%r is not in %r" % (text, str(raised))
        return
    raise AssertionError("no error, but %r" % (answer,))


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ENDPOINT + "/_emulator/" + path, data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def fetch(url):
    return urllib.request.urlopen(url.replace("http://res.cloudinary.com", ENDPOINT))


@check
def a_file_is_uploaded(_):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "picture é.png")
        with open(path, "wb") as file:
            file.write(PICTURE)
        answer = cloudinary.uploader.upload(
            path,
            public_id="py/file é",
            tags=["b", "a"],
            context={"alt": "x=1|y"},
            overwrite=True,
            invalidate=True,
            asset_folder="home",
            display_name="Picture",
        )
    equal(answer["public_id"], "py/file é")
    equal(answer["etag"], md5(PICTURE))
    equal((answer["width"], answer["height"], answer["format"]), (3, 2, "png"))
    equal(answer["bytes"], len(PICTURE))
    equal(answer["tags"], ["b", "a"])
    equal(answer["context"]["custom"]["alt"], "x=1|y")
    equal((answer["asset_folder"], answer["display_name"]), ("home", "Picture"))
    equal(answer["original_filename"], "picture é")
    assert cloudinary.utils.verify_api_response_signature(
        answer["public_id"], answer["version"], answer["signature"]
    ), "the answer's signature does not verify"


@check
def bytes_and_a_stream_are_uploaded(_):
    answer = cloudinary.uploader.upload(PICTURE, public_id="py/bytes")
    equal((answer["etag"], answer["type"]), (md5(PICTURE), "upload"))
    answer = cloudinary.uploader.upload(io.BytesIO(PICTURE), public_id="py/bytes")
    equal(answer["overwritten"], True)


@check
def a_remote_url_is_pulled(site):
    answer = cloudinary.uploader.upload(site + "/picture.png", public_id="py/remote")
    equal((answer["etag"], answer["original_filename"]), (md5(PICTURE), "picture"))


@check
def a_remote_url_that_is_not_there_is_a_bad_request(site):
    raises(
        cloudinary.exceptions.BadRequest,
        "Error in loading %s/absent.png - 404 Not Found" % site,
        cloudinary.uploader.upload,
        site + "/absent.png",
    )


@check
def a_data_uri_is_uploaded_and_its_type_found(_):
    uri = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    answer = cloudinary.uploader.upload(uri, public_id="py/data", resource_type="auto")
    equal((answer["etag"], answer["resource_type"]), (md5(PICTURE), "image"))


@check
def an_upload_without_overwrite_keeps_what_is_there(_):
    answer = cloudinary.uploader.upload(b"other", public_id="py/bytes", overwrite=False)
    equal((answer["existing"], answer["etag"]), (True, md5(PICTURE)))


@check
def a_name_is_made_from_the_file_name(_):
    answer = cloudinary.uploader.upload(
        io.BytesIO(b"text"),
        resource_type="raw",
        filename="notes.txt",
        use_filename=True,
        unique_filename=False,
    )
    equal((answer["public_id"], answer["resource_type"]), ("notes.txt", "raw"))
    assert "format" not in answer, "raw files have no format"


@check
def a_large_file_is_uploaded_in_chunks(_):
    data = os.urandom(11_500_000)
    answer = cloudinary.uploader.upload_large(
        io.BytesIO(data), public_id="py/large.bin", chunk_size=6_000_000, filename="large.bin"
    )
    equal((answer["etag"], answer["bytes"]), (md5(data), len(data)))
    equal((answer["resource_type"], answer["public_id"]), ("raw", "py/large.bin"))


@check
def chunks_that_are_too_small_are_refused(_):
    raises(
        cloudinary.exceptions.BadRequest,
        "All parts except EOF-chunk must be larger than 5mb",
        cloudinary.uploader.upload_large,
        io.BytesIO(b"x" * 1000),
        public_id="py/small.bin",
        chunk_size=400,
    )


@check
def an_asset_is_changed_by_explicit(_):
    answer = cloudinary.uploader.explicit("py/remote", type="upload", tags="one,two")
    equal(answer["tags"], ["one", "two"])
    assert "etag" not in answer, "explicit answers without an etag"
    raises(
        cloudinary.exceptions.NotFound,
        "Resource not found - py/absent",
        cloudinary.uploader.explicit,
        "py/absent",
        type="upload",
    )


@check
def tags_and_context_are_changed_in_bulk(site):
    answer = cloudinary.uploader.add_tag(
        "bulk", ["py/remote", "py/absent"], notification_url=site + "/ignored"
    )
    equal(answer["public_ids"], ["py/remote"])
    cloudinary.uploader.remove_tag("one", ["py/remote"])
    cloudinary.uploader.add_context({"k": "v"}, ["py/remote"])
    detail = cloudinary.api.resource("py/remote")
    equal(detail["tags"], ["bulk", "two"])
    equal(detail["context"]["custom"], {"k": "v"})
    cloudinary.uploader.remove_all_context(["py/remote"])
    assert "context" not in cloudinary.api.resource("py/remote"), "context is left"


@check
def an_asset_is_renamed(_):
    before = cloudinary.api.resource("py/data")
    answer = cloudinary.uploader.rename("py/data", "py/renamed")
    equal((answer["public_id"], answer["asset_id"]), ("py/renamed", before["asset_id"]))
    raises(
        cloudinary.exceptions.AlreadyExists,
        "to_public_id py/bytes already exists",
        cloudinary.uploader.rename,
        "py/renamed",
        "py/bytes",
    )


@check
def ping_usage_and_config_answer(_):
    answer = cloudinary.api.ping()
    equal(answer["status"], "ok")
    assert answer.rate_limit_remaining < answer.rate_limit_allowed, "rate limit headers"
    assert answer.rate_limit_reset_at is not None, "rate limit reset"
    assert cloudinary.api.usage()["resources"] > 0, "usage"
    equal(cloudinary.api.config(settings=True)["settings"]["folder_mode"], "dynamic")


@check
def resources_are_listed_in_pages(_):
    seen, cursor = [], None
    while True:
        page = cloudinary.api.resources(
            type="upload", prefix="py/", max_results=2, next_cursor=cursor
        )
        assert len(page["resources"]) <= 2, "page size"
        seen += [one["public_id"] for one in page["resources"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    equal(seen, ["py/bytes", "py/file é", "py/remote", "py/renamed"])
    by_ids = cloudinary.api.resources_by_ids(["py/bytes", "py/absent"], tags=True)
    equal([one["public_id"] for one in by_ids["resources"]], ["py/bytes"])
    by_tag = cloudinary.api.resources_by_tag("bulk")
    equal([one["public_id"] for one in by_tag["resources"]], ["py/remote"])
    by_folder = cloudinary.api.resources_by_asset_folder("home")
    equal([one["public_id"] for one in by_folder["resources"]], ["py/file é"])


@check
def one_resource_is_shown(_):
    detail = cloudinary.api.resource("py/file é")
    equal((detail["etag"], detail["tags"]), (md5(PICTURE), ["a", "b"]))
    by_id = cloudinary.api.resource_by_asset_id(detail["asset_id"])
    equal(by_id["public_id"], "py/file é")
    raises(cloudinary.exceptions.NotFound, "Resource not found", cloudinary.api.resource, "py/no")


@check
def a_resource_is_updated(_):
    answer = cloudinary.api.update("py/bytes", tags="fresh", context={"k": "v"})
    equal((answer["tags"], answer["context"]["custom"]), (["fresh"], {"k": "v"}))


@check
def assets_are_searched(_):
    search = cloudinary.search.Search()
    search.expression("public_id:py/* AND resource_type:image").sort_by("public_id", "asc")
    first = search.max_results(3).with_field("tags").execute()
    equal(first["total_count"], 4)
    equal([one["public_id"] for one in first["resources"]], ["py/bytes", "py/file é", "py/remote"])
    equal(first["resources"][0]["etag"], md5(PICTURE))
    equal(first["resources"][0]["tags"], ["fresh"])
    second = search.next_cursor(first["next_cursor"]).execute()
    equal([one["public_id"] for one in second["resources"]], ["py/renamed"])
    assert "next_cursor" not in second, "a cursor after the last page"
    raises(
        cloudinary.exceptions.BadRequest,
        "Query Error (at position 1)",
        cloudinary.search.Search().expression("*x").execute,
    )


@check
def an_original_is_delivered(_):
    url, _ = cloudinary.utils.cloudinary_url("py/file é", version=42)
    with fetch(url) as answer:
        equal((answer.read(), answer.headers["ETag"]), (PICTURE, '"%s"' % md5(PICTURE)))
        equal(answer.headers["Content-Type"], "image/png")


@check
def a_private_original_needs_a_signature(_):
    for kind in ["private", "authenticated"]:
        cloudinary.uploader.upload(PICTURE, public_id="py/secret é", type=kind)
        options = {"type": kind, "format": "png"}
        for long in [False, True]:
            url, _ = cloudinary.utils.cloudinary_url(
                "py/secret é", sign_url=True, long_url_signature=long, **options
            )
            with fetch(url) as answer:
                equal(answer.read(), PICTURE)
        url, _ = cloudinary.utils.cloudinary_url("py/secret é", **options)
        try:
            fetch(url)
        except urllib.error.HTTPError as error:
            equal((error.code, error.headers["X-Cld-Error"]), (401, "ACL deny"))
        else:
            raise AssertionError("delivered without a signature")


@check
def a_notification_is_signed(site):
    cloudinary.uploader.upload(PICTURE, public_id="py/noted", notification_url=site + "/hook")
    headers, body = Outside.received.get(timeout=30)
    equal(json.loads(body)["notification_type"], "upload")
    equal(json.loads(body)["public_id"], "py/noted")
    assert cloudinary.utils.verify_notification_signature(
        body, int(headers["X-Cld-Timestamp"]), headers["X-Cld-Signature"]
    ), "the notification's signature does not verify"


@check
def both_hashes_and_both_signature_versions_are_understood(_):
    for algorithm in ["sha1", "sha256"]:
        for version in [1, 2]:
            cloudinary.config(signature_algorithm=algorithm, signature_version=version)
            answer = cloudinary.uploader.upload(
                PICTURE, public_id="py/signed", context={"a": "1&type=private"}
            )
            assert cloudinary.utils.verify_api_response_signature(
                answer["public_id"], answer["version"], answer["signature"]
            ), algorithm
    cloudinary.config(signature_algorithm="sha1", signature_version=2)


@check
def wrong_credentials_are_told_from_wrong_requests(_):
    options = {"public_id": "py/wrong", "api_secret": "wrong"}
    error = cloudinary.exceptions.AuthorizationRequired
    raises(error, "String to sign - 'public_id=py/wrong&timestamp=", cloudinary.uploader.upload, PICTURE, **options)
    raises(error, "api_secret mismatch", cloudinary.api.ping, api_secret="wrong")
    raises(error, "cloud_name", cloudinary.api.ping, cloud_name="other")
    error = cloudinary.exceptions.BadRequest
    with mock.patch("cloudinary.utils.now", return_value=1):
        raises(error, "Stale request - reported time is 1970", cloudinary.uploader.upload, PICTURE)
    raises(error, "empty", cloudinary.uploader.upload, io.BytesIO(b""), public_id="py/empty")
    raises(error, "Upload preset must be", cloudinary.uploader.unsigned_upload, PICTURE, None)
    raises(error, "Upload preset not found", cloudinary.uploader.unsigned_upload, PICTURE, "no")


@check
def injected_errors_arrive_as_the_sdks_own(_):
    for status, error in [
        (403, cloudinary.exceptions.NotAllowed),
        (420, cloudinary.exceptions.RateLimited),
        (429, cloudinary.exceptions.RateLimited),
        (503, cloudinary.exceptions.GeneralError),
    ]:
        effect = {"kind": "answer", "status": status, "message": "as told"}
        rule = {"operation": "upload", "times": 1, "effect": effect}
        control("PUT", "faults", {"rules": [rule]})
        raises(error, "as told", cloudinary.uploader.upload, PICTURE, public_id="py/fault")
        cloudinary.uploader.upload(PICTURE, public_id="py/fault")
    control("PUT", "faults", {})


@check
def a_destroyed_asset_is_gone(_):
    equal(cloudinary.uploader.destroy("py/fault", invalidate=True)["result"], "ok")
    equal(cloudinary.uploader.destroy("py/fault")["result"], "not found")
    raises(cloudinary.exceptions.NotFound, "py/fault", cloudinary.api.resource, "py/fault")


@check
def resources_are_deleted_by_name_and_by_prefix(_):
    answer = cloudinary.api.delete_resources(["py/bytes", "py/absent"])
    equal(answer["deleted"], {"py/bytes": "deleted", "py/absent": "not_found"})
    cloudinary.api.delete_resources_by_prefix("py/")
    cloudinary.api.delete_resources_by_prefix("py/", type="private")
    cloudinary.api.delete_resources_by_prefix("py/", type="authenticated")
    cloudinary.api.delete_resources(["py/large.bin", "notes.txt"], resource_type="raw")
    equal(control("GET", "assets"), [])


def main():
    site = outside()
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        try:
            function(site)
        except Exception as error:  # a failed check of any kind ends the run
            print("FAILED python: %s: %s: %s" % (name, type(error).__name__, error))
            return 1
        print("ok python: %s" % name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
