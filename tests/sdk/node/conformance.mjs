// Drives the Cloudinary emulator with Cloudinary's Node SDK.
//
// Takes the account from CLOUDINARY_URL, whose upload_prefix is the emulator; the SDK chooses
// between http and https while it is loaded, so the variable must be set before. The SDK is found
// in the folder that CLDSYNC_TEST_NODE_MODULES names. Prints one line per check and exits with 1
// at the first one that fails.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const modules = process.env.CLDSYNC_TEST_NODE_MODULES ?? "node_modules";
const { v2: cloudinary } = createRequire(resolve(modules, "here"))("cloudinary");

const ENDPOINT = cloudinary.config().upload_prefix;
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const md5 = (data) => createHash("md5").update(data).digest("hex");

const received = [];
let arrived = () => {};
const outside = createServer(async (request, response) => {
  if (request.method === "GET") {
    const found = request.url === "/picture.png";
    response.writeHead(found ? 200 : 404).end(found ? PICTURE : "");
    return;
  }
  const parts = [];
  for await (const part of request) parts.push(part);
  received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
  response.end();
  arrived();
});

const upload = (bytes, options) =>
  new Promise((done, failed) => {
    const stream = cloudinary.uploader.upload_stream(options, (error, answer) =>
      error ? failed(error) : done(answer),
    );
    stream.end(bytes);
  });

const uploadLarge = (path, options) =>
  new Promise((done, failed) => {
    cloudinary.uploader.upload_large(path, options, (error, answer) =>
      error ?? answer?.error ? failed(error ?? answer.error) : done(answer),
    );
  });

async function refused(status, text, call) {
  const error = await call.then(
    (answer) => assert.fail(`no error, but ${JSON.stringify(answer)}`),
    (error) => error.error ?? error,
  );
  assert.equal(error.http_code, status, error.message);
  assert.ok(error.message.includes(text), `"${text}" is not in "${error.message}"`);
}

async function control(method, path, body) {
  const options = { method, body: body && JSON.stringify(body) };
  return (await fetch(`${ENDPOINT}/_emulator/${path}`, options)).json();
}

const delivered = (url) =>
  fetch(url.replace(/^https?:\/\/res\.cloudinary\.com/, ENDPOINT).replace(/\?_a=.*/, ""));

const ids = (answer) => answer.resources.map((one) => one.public_id);

const checks = {
  async "a file is uploaded"({ folder }) {
    const path = join(folder, "picture é.png");
    await writeFile(path, PICTURE);
    const answer = await cloudinary.uploader.upload(path, {
      public_id: "js/file é",
      tags: ["b", "a"],
      context: { alt: "x=1|y" },
      overwrite: true,
      invalidate: true,
      asset_folder: "home",
      display_name: "Picture",
    });
    assert.equal(answer.public_id, "js/file é");
    assert.equal(answer.etag, md5(PICTURE));
    assert.deepEqual([answer.width, answer.height, answer.format], [1, 1, "png"]);
    assert.deepEqual(answer.tags, ["b", "a"]);
    assert.equal(answer.context.custom.alt, "x=1|y");
    assert.deepEqual([answer.asset_folder, answer.display_name], ["home", "Picture"]);
    const { public_id, version, signature } = answer;
    assert.ok(cloudinary.utils.verify_api_response_signature(public_id, version, signature));
  },

  async "bytes are uploaded"() {
    const answer = await upload(PICTURE, { public_id: "js/bytes" });
    assert.equal(answer.etag, md5(PICTURE));
    const again = await upload(PICTURE, { public_id: "js/bytes" });
    assert.equal(again.overwritten, true);
    assert.ok(again.version > answer.version, "versions increase");
  },

  async "a remote url is pulled"({ site }) {
    const url = `${site}/picture.png`;
    const answer = await cloudinary.uploader.upload(url, { public_id: "js/remote" });
    assert.deepEqual([answer.etag, answer.original_filename], [md5(PICTURE), "picture"]);
    const absent = cloudinary.uploader.upload(`${site}/absent.png`);
    await refused(400, `Error in loading ${site}/absent.png - 404 Not Found`, absent);
  },

  async "a data uri is uploaded and its type found"() {
    const uri = `data:image/png;base64,${PICTURE.toString("base64")}`;
    const options = { public_id: "js/data", resource_type: "auto" };
    const answer = await cloudinary.uploader.upload(uri, options);
    assert.deepEqual([answer.etag, answer.resource_type], [md5(PICTURE), "image"]);
  },

  async "a large file is uploaded in chunks"({ folder }) {
    const data = randomBytes(11_500_000);
    const path = join(folder, "large.bin");
    await writeFile(path, data);
    const options = { public_id: "js/large.bin", resource_type: "raw", chunk_size: 6_000_000 };
    const answer = await uploadLarge(path, options);
    assert.deepEqual([answer.etag, answer.bytes], [md5(data), data.length]);
    assert.deepEqual([answer.public_id, answer.done], ["js/large.bin", true]);
  },

  async "chunks that are too small are refused"({ folder }) {
    const path = join(folder, "small.bin");
    await writeFile(path, randomBytes(1000));
    const options = { public_id: "js/small.bin", resource_type: "raw", chunk_size: 400 };
    const text = "All parts except EOF-chunk must be larger than 5mb";
    await refused(400, text, uploadLarge(path, options));
  },

  async "an asset is changed by explicit and in bulk"() {
    const options = { type: "upload", tags: "one,two" };
    const answer = await cloudinary.uploader.explicit("js/remote", options);
    assert.deepEqual([answer.tags, answer.etag], [["one", "two"], undefined]);
    const tagged = await cloudinary.uploader.add_tag("bulk", ["js/remote", "js/absent"]);
    assert.deepEqual(tagged.public_ids, ["js/remote"]);
    await cloudinary.uploader.add_context({ k: "v" }, ["js/remote"]);
    const detail = await cloudinary.api.resource("js/remote");
    assert.deepEqual(detail.tags, ["bulk", "one", "two"]);
    assert.deepEqual(detail.context.custom, { k: "v" });
  },

  async "an asset is renamed"() {
    const answer = await cloudinary.uploader.rename("js/data", "js/renamed");
    assert.equal(answer.public_id, "js/renamed");
    const taken = cloudinary.uploader.rename("js/renamed", "js/bytes");
    // This SDK does not read the text of a 409.
    await refused(409, "409", taken);
  },

  async "ping and config answer"() {
    const answer = await cloudinary.api.ping();
    assert.equal(answer.status, "ok");
    assert.ok(answer.rate_limit_remaining < answer.rate_limit_allowed, "rate limit headers");
    const { settings } = await cloudinary.api.config({ settings: true });
    assert.equal(settings.folder_mode, "dynamic");
  },

  async "resources are listed in pages"() {
    const seen = [];
    let next_cursor;
    do {
      const options = { type: "upload", prefix: "js/", max_results: 2, next_cursor };
      const page = await cloudinary.api.resources(options);
      seen.push(...ids(page));
      ({ next_cursor } = page);
    } while (next_cursor);
    assert.deepEqual(seen, ["js/bytes", "js/file é", "js/remote", "js/renamed"]);
    const some = await cloudinary.api.resources_by_ids(["js/bytes", "js/absent"]);
    assert.deepEqual(ids(some), ["js/bytes"]);
  },

  async "assets are searched"() {
    const search = () =>
      cloudinary.search
        .expression("public_id:js/* AND resource_type:image")
        .sort_by("public_id", "asc")
        .max_results(3);
    const first = await search().execute();
    assert.equal(first.total_count, 4);
    assert.deepEqual(ids(first), ["js/bytes", "js/file é", "js/remote"]);
    const second = await search().next_cursor(first.next_cursor).execute();
    assert.deepEqual([ids(second), second.next_cursor], [["js/renamed"], undefined]);
    await refused(400, "Query Error", cloudinary.search.expression("*x").execute());
  },

  async "one resource is shown and updated"() {
    const detail = await cloudinary.api.resource("js/file é");
    assert.deepEqual([detail.etag, detail.tags], [md5(PICTURE), ["a", "b"]]);
    const updated = await cloudinary.api.update("js/bytes", { tags: "fresh" });
    assert.deepEqual(updated.tags, ["fresh"]);
    await refused(404, "Resource not found - js/no", cloudinary.api.resource("js/no"));
  },

  async "a private original needs a signature"() {
    await upload(PICTURE, { public_id: "js/secret é", type: "private" });
    const options = { type: "private", format: "png" };
    for (const long_url_signature of [false, true]) {
      const signed = { ...options, sign_url: true, long_url_signature };
      const answer = await delivered(cloudinary.url("js/secret é", signed));
      assert.equal(answer.status, 200, answer.headers.get("x-cld-error"));
      assert.equal(answer.headers.get("etag"), `"${md5(PICTURE)}"`);
    }
    const unsigned = await delivered(cloudinary.url("js/secret é", options));
    assert.deepEqual([unsigned.status, unsigned.headers.get("x-cld-error")], [401, "ACL deny"]);
    const absent = await delivered(cloudinary.url("js/absent"));
    assert.equal(absent.headers.get("x-cld-error"), "Resource not found - js/absent");
  },

  async "a notification is signed"({ site }) {
    const notified = new Promise((done) => (arrived = done));
    await upload(PICTURE, { public_id: "js/noted", notification_url: `${site}/hook` });
    await notified;
    const { headers, body } = received[0];
    assert.equal(JSON.parse(body).public_id, "js/noted");
    const timestamp = Number(headers["x-cld-timestamp"]);
    const signature = headers["x-cld-signature"];
    assert.ok(cloudinary.utils.verifyNotificationSignature(body, timestamp, signature));
  },

  async "wrong credentials are told from wrong requests"() {
    const wrong = { public_id: "js/wrong", api_secret: "wrong" };
    await refused(401, "String to sign - 'public_id=js/wrong&timestamp=", upload(PICTURE, wrong));
    await refused(401, "api_secret mismatch", cloudinary.api.ping({ api_secret: "wrong" }));
    await refused(400, "Stale request", upload(PICTURE, { timestamp: 1 }));
    await refused(400, "empty", upload(Buffer.alloc(0), { public_id: "js/empty" }));
  },

  async "injected errors arrive as the SDK's own"() {
    for (const status of [420, 429, 500]) {
      const effect = { kind: "answer", status, message: "as told" };
      await control("PUT", "faults", { rules: [{ operation: "upload", times: 1, effect }] });
      await refused(status, "as told", upload(PICTURE, { public_id: "js/fault" }));
      await upload(PICTURE, { public_id: "js/fault" });
    }
    await control("PUT", "faults", {});
  },

  async "assets are destroyed and deleted"() {
    const destroy = () => cloudinary.uploader.destroy("js/fault", { invalidate: true });
    assert.equal((await destroy()).result, "ok");
    assert.equal((await destroy()).result, "not found");
    const { deleted } = await cloudinary.api.delete_resources(["js/bytes", "js/absent"]);
    assert.deepEqual(deleted, { "js/bytes": "deleted", "js/absent": "not_found" });
    await cloudinary.api.delete_resources_by_prefix("js/");
    await cloudinary.api.delete_resources_by_prefix("js/", { type: "private" });
    await cloudinary.api.delete_resources(["js/large.bin"], { resource_type: "raw" });
    assert.deepEqual(await control("GET", "assets"), []);
  },
};

async function main() {
  outside.listen(0, "127.0.0.1");
  await once(outside, "listening");
  const site = `http://127.0.0.1:${outside.address().port}`;
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    for (const [name, check] of Object.entries(checks)) {
      try {
        await check({ site, folder });
      } catch (error) {
        const reason = error.stack ?? JSON.stringify(error);
        console.log(`FAILED node: ${name}: ${reason}`);
        return 1;
      }
      console.log(`ok node: ${name}`);
    }
    return 0;
  } finally {
    await rm(folder, { recursive: true });
    outside.close();
  }
}

process.exit(await main());
