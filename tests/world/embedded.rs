//! The scenarios against the embedded emulator, with workers in this process: quick, and with
//! nothing to install. `crate::localstack` runs the same ones against LocalStack.

use super::{Cloud, Wiring, scenarios};

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_come_change_and_go_are_mirrored() {
    let cloud = Cloud::embedded().await;
    scenarios::objects::all(&cloud, Wiring::Direct).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_delete_markers_are_mirrored() {
    let cloud = Cloud::embedded().await;
    scenarios::versions::all(&cloud, Wiring::Direct).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn awkward_and_colliding_keys_are_mirrored() {
    let cloud = Cloud::embedded().await;
    scenarios::keys::all(&cloud, Wiring::Direct).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_cannot_be_carried_out_become_dead_letters() {
    let cloud = Cloud::embedded().await;
    scenarios::messages::all(&cloud).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transfer_mode_brings_the_same_bytes() {
    let cloud = Cloud::embedded().await;
    scenarios::transfer::all(&cloud).await;
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_worker_finishes_what_the_first_one_leaves() {
    let cloud = Cloud::embedded().await;
    scenarios::fleet::all(&cloud).await;
    cloud.stop().await;
}
