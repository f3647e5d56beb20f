//! Receipt handles: which message of which queue, and which of its deliveries.
//!
//! A handle carries what it names, so looking one up costs no index. A keyed check value makes
//! made-up handles and those of other queues recognizable; it is not a security measure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a handle names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The message, by its number in the queue.
    pub(crate) number: u64,
    /// Its delivery: the receive count at the time.
    pub(crate) delivery: u32,
}

/// Issues and reads the handles of one queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceiptKey(u64);

const HANDLE_BYTES: usize = 8 + 4 + 8 + 16;

impl ReceiptKey {
    pub(crate) fn random() -> Self {
        Self(fastrand::u64(..))
    }

    /// The handle for a delivery.
    pub(crate) fn issue(self, receipt: Receipt) -> String {
        let mut bytes = [0; HANDLE_BYTES];
        bytes[..8].copy_from_slice(&receipt.number.to_be_bytes());
        bytes[8..12].copy_from_slice(&receipt.delivery.to_be_bytes());
        bytes[12..20].copy_from_slice(&self.check(receipt).to_be_bytes());
        bytes[20..].copy_from_slice(&fastrand::u128(..).to_be_bytes());
        STANDARD.encode(bytes)
    }

    /// What a handle names, if this queue issued it.
    pub(crate) fn read(self, handle: &str) -> Option<Receipt> {
        let bytes: [u8; HANDLE_BYTES] = STANDARD.decode(handle).ok()?.try_into().ok()?;
        let (number, rest) = bytes.split_first_chunk::<8>()?;
        let (delivery, rest) = rest.split_first_chunk::<4>()?;
        let (check, _) = rest.split_first_chunk::<8>()?;
        let receipt = Receipt {
            number: u64::from_be_bytes(*number),
            delivery: u32::from_be_bytes(*delivery),
        };
        (u64::from_be_bytes(*check) == self.check(receipt)).then_some(receipt)
    }

    fn check(self, receipt: Receipt) -> u64 {
        scramble(scramble(self.0 ^ receipt.number) ^ u64::from(receipt.delivery))
    }
}

/// The finalizer of splitmix64.
fn scramble(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_reads_back_only_in_its_own_queue() {
        let (ours, theirs) = (ReceiptKey(7), ReceiptKey(8));
        let receipt = Receipt {
            number: 42,
            delivery: 3,
        };
        let handle = ours.issue(receipt);
        assert_eq!(ours.read(&handle), Some(receipt));
        assert_eq!(theirs.read(&handle), None);
    }

    #[test]
    fn text_that_is_no_handle_is_refused() {
        for handle in ["", "x", "AAAA", "not base64!", &"A".repeat(48)] {
            assert_eq!(ReceiptKey(7).read(handle), None, "{handle}");
        }
    }
}
