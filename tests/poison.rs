//! Messages that nobody can carry out, over a real queue and to a real worker process: they harm
//! nobody, delay nobody, and end where people look for them, with their reason.

mod corpus;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use aws_sdk_sqs::types::Message;
use md5::{Digest, Md5};

use self::corpus::Poison;
use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Program, Services, Variables};
use crate::world::patience;

const BUCKET: &str = "poison";
/// SQS's limit for the body and all attributes together.
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn poison_ends_as_dead_letters_with_reasons_beside_good_neighbours() {
    let Some(binaries) = Binaries::find("poison") else {
        return;
    };
    let mut stage = Stage::set(&binaries, 20).await;
    let mut worker = stage.start_worker(&binaries, true);
    // Whoever follows the link of a subscription comes here.
    let trap = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let link = format!("http://{}", trap.local_addr().expect("its number"));

    let poison = corpus::all(BUCKET, &link);
    for (at, message) in poison.iter().enumerate() {
        stage.send(message).await;
        if at % 4 == 0 {
            stage.put_neighbour(at).await;
        }
    }
    for message in corpus::harmless(BUCKET) {
        stage.send(&message).await;
    }
    stage
        .services
        .wait_for_messages(&stage.queue, 0, PATIENCE)
        .await;

    stage.assert_neighbours_are_done().await;
    let letters = stage.dead_letters.take_all(&stage.sqs).await;
    stage.assert_each_is_a_letter_once(&poison, &letters);
    assert_unharmed(&mut worker).await;
    trap.set_nonblocking(true).expect("a listener that looks");
    assert!(
        trap.accept().is_err(),
        "the link of a subscription was followed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_without_a_dead_letter_queue_is_left_to_the_redrive_policy() {
    let Some(binaries) = Binaries::find("poison without a dead-letter queue") else {
        return;
    };
    let mut stage = Stage::set(&binaries, 2).await;
    let poison = corpus::some(BUCKET);
    for message in &poison {
        stage.send(message).await;
    }
    // Fewer places than there are bad messages, all of which are there first.
    let mut worker = stage.start_worker(&binaries, false);
    for neighbour in 0..10 {
        stage.put_neighbour(neighbour).await;
    }
    let all = u64::try_from(poison.len()).expect("not so many");
    patience::within(PATIENCE, "the neighbours are done", async || {
        stage.neighbours_are_done().await.then_some(())
    })
    .await;
    let dead = stage.services.messages(&stage.dead_letters).await;
    assert!(dead < all, "the neighbours had to wait for the poison");

    stage
        .services
        .wait_for_messages(&stage.dead_letters, all, PATIENCE)
        .await;
    for letter in stage.dead_letters.take_all(&stage.sqs).await {
        let body = letter.body().unwrap_or_default();
        assert!(poison.iter().any(|message| message.body == body), "{body}");
        assert_eq!(
            attribute(&letter, "reason"),
            None,
            "the queue gives no reason"
        );
    }
    assert_unharmed(&mut worker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_with_raw_control_characters_cannot_even_be_sent() {
    let Some(binaries) = Binaries::find("poison with raw control characters") else {
        return;
    };
    let stage = Stage::set(&binaries, 20).await;
    for body in ["\u{0}", "{\"Records\":\u{1}[]}", "\u{fffe}", "\u{ffff}"] {
        let request = stage.sqs.send_message().queue_url(&stage.queue.url);
        let refused = request.message_body(body).send().await;
        let refused = refused.expect_err("SQS takes no such characters");
        assert!(refused.into_service_error().is_invalid_message_contents());
    }
}

/// Both services, a bucket and its queues.
struct Stage {
    services: Services,
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    queue: Queue,
    dead_letters: Queue,
    /// MD5 sums by asset.
    neighbours: BTreeMap<String, String>,
    /// The number of the poison, by message ID.
    sent: BTreeMap<String, String>,
}

impl Stage {
    async fn set(binaries: &Binaries, max_receives: u32) -> Self {
        let services = Services::start(binaries, Variables::new()).await;
        let sqs = aws::sqs(&services.aws);
        let s3 = aws::s3(&services.aws);
        let dead_letters = Queue::create(&sqs, "poison-dead", None).await;
        let queue = Queue::create(&sqs, "poison", Some((&dead_letters, max_receives))).await;
        aws::create_bucket(&s3, BUCKET, &queue).await;
        Self {
            services,
            s3,
            sqs,
            queue,
            dead_letters,
            neighbours: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    fn start_worker(&self, binaries: &Binaries, has_dead_letters: bool) -> Program {
        let mut variables = Variables::from([
            ("CLOUDINARY_URL", self.services.cloudinary_url.clone()),
            ("CLDSYNC_QUEUE_URL", self.queue.url.clone()),
            ("AWS_ENDPOINT_URL", self.services.aws.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("CLDSYNC_LOG_FORMAT", "text".to_owned()),
            ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
            ("CLDSYNC_MESSAGES_IN_FLIGHT", "5".to_owned()),
        ]);
        if has_dead_letters {
            let url = self.dead_letters.url.clone();
            variables.insert("CLDSYNC_DEAD_LETTER_QUEUE_URL", url);
        }
        Program::start(&binaries.path("cldsync-worker"), &[], &variables)
    }

    async fn send(&mut self, poison: &Poison) {
        let request = self.sqs.send_message().queue_url(&self.queue.url);
        let sent = request.message_body(&poison.body).send().await;
        let sent = sent.unwrap_or_else(|error| panic!("send {}: {error:?}", poison.name));
        let id = sent.message_id.expect("a message ID");
        self.sent.insert(poison.name.clone(), id);
    }

    async fn put_neighbour(&mut self, number: usize) {
        let content = format!("the good neighbour {number}");
        let md5 = hex(&Md5::digest(&content));
        self.neighbours.insert(format!("image/good/{number}"), md5);
        let request = self.s3.put_object().bucket(BUCKET);
        let request = request.key(format!("good/{number}.jpg"));
        let put = request.body(content.into_bytes().into()).send().await;
        put.expect("the neighbour is put");
    }

    async fn neighbours_are_done(&self) -> bool {
        self.services.assets().await == self.neighbours
    }

    async fn assert_neighbours_are_done(&self) {
        assert_eq!(self.services.assets().await, self.neighbours);
    }

    /// Every poison has exactly one letter, and nothing else has one.
    fn assert_each_is_a_letter_once(&self, poison: &[Poison], letters: &[Message]) {
        for message in poison {
            let name = &message.name;
            let its: Vec<_> = letters
                .iter()
                .filter(|letter| letter.body() == Some(&message.body))
                .filter(|letter| self.is_about(letter, message))
                .collect();
            assert_eq!(its.len(), 1, "letters about {name}");
            if message.body.len() < LARGEST_MESSAGE {
                assert_reasoned(its[0], message);
            }
        }
        assert_eq!(letters.len(), poison.len(), "letters about nothing");
    }

    fn is_about(&self, letter: &Message, poison: &Poison) -> bool {
        attribute(letter, "original_message_id")
            .is_none_or(|id| self.sent.get(&poison.name).is_some_and(|sent| sent == id))
    }
}

fn assert_reasoned(letter: &Message, poison: &Poison) {
    let name = &poison.name;
    assert_eq!(attribute(letter, "reason"), Some(poison.reason), "{name}");
    let detail = attribute(letter, "detail").unwrap_or_default();
    assert!(!detail.is_empty(), "{name} has no detail");
    let received = attribute(letter, "first_received").unwrap_or_default();
    assert!(
        received.contains('T') && received.ends_with('Z'),
        "{name} was first received at `{received}`"
    );
}

fn attribute<'a>(letter: &'a Message, name: &str) -> Option<&'a str> {
    letter.message_attributes()?.get(name)?.string_value()
}

/// It is the process that was started, it has not panicked, and it still stops in order.
async fn assert_unharmed(worker: &mut Program) {
    let ended = worker.ended();
    assert!(ended.is_none(), "the worker ended by itself: {ended:?}");
    worker.terminate();
    let end = worker.end().await;
    assert_eq!(end.code(), Some(0), "{end}");
    let printed = worker.printed();
    assert!(
        !printed.contains("panicked"),
        "a task of the worker panicked"
    );
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
