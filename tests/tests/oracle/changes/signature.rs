use super::{Change, Part};
use crate::draft::{ALGS, Draft};
use crate::keys::{Whose, pair, sign};

pub(super) fn changes() -> Vec<Change> {
    [of_every_algorithm(), forged()].into_iter().flatten().collect()
}

fn of_every_algorithm() -> Vec<Change> {
    let mut changes = Vec::new();
    for alg in ALGS {
        let change =
            |name: &str, apply: fn(&mut Draft)| Change::new(Part::Proof, format!("{alg}, {name}"), apply).of(alg);
        changes.extend([
            change("signed by a stranger", |draft| draft.signer = Whose::Stranger),
            change("one bit of the signature turned", |draft| {
                let place = draft.dice.below(64);
                edit(draft, move |mut signature| {
                    signature[place] ^= 1;
                    signature
                });
            }),
            change("every byte of the signature turned", |draft| {
                edit(draft, |signature| signature.into_iter().map(|byte| byte ^ 0x5a).collect());
            }),
            change("no signature", |draft| edit(draft, |_| Vec::new())),
            change("a byte of the signature missing", |draft| {
                edit(draft, |mut signature| {
                    signature.pop();
                    signature
                });
            }),
            change("a byte after the signature", |draft| {
                edit(draft, |mut signature| {
                    signature.push(0);
                    signature
                });
            }),
            change("a signature of zeros", |draft| edit(draft, |signature| vec![0; signature.len()])),
            change("claims changed after signing", |draft| {
                let (kind, alg) = (draft.kind(), draft.alg);
                draft.forge = Some(Box::new(move |mut signed| {
                    let last = signed.last_mut().expect("claims");
                    *last = if *last == b'A' { b'B' } else { b'A' };
                    sign(pair(kind, Whose::Provider), alg, &signed)
                }));
            }),
        ]);
    }
    changes
}

fn edit(draft: &mut Draft, edit: impl Fn(Vec<u8>) -> Vec<u8> + 'static) {
    draft.signature_edits.push(Box::new(edit));
}

fn forged() -> Vec<Change> {
    let mut changes = Vec::new();
    for (alg, size) in [("ES256", 32), ("ES384", 48)] {
        let change = |name: &str, apply: Box<dyn Fn(&mut Draft)>| {
            Change::new(Part::Proof, format!("{alg}, {name}"), apply).of(alg)
        };
        changes.push(change(
            "r and s are 1",
            Box::new(move |draft| {
                edit(draft, move |_| {
                    let mut one = vec![0; size];
                    one[size - 1] = 1;
                    [one.clone(), one].concat()
                });
            }),
        ));
        changes.push(change(
            "the signature in DER",
            Box::new(move |draft| {
                edit(draft, move |signature| {
                    let (r, s) = signature.split_at(size);
                    let number =
                        |bytes: &[u8]| [&[2, u8::try_from(bytes.len() + 1).expect("short"), 0], bytes].concat();
                    let body = [number(r), number(s)].concat();
                    [&[0x30, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
                });
            }),
        ));
        changes.push(change(
            "r and s exchanged",
            Box::new(move |draft| {
                edit(draft, move |signature| {
                    let (r, s) = signature.split_at(size);
                    [s, r].concat()
                });
            }),
        ));
    }
    changes.push(Change::new(Part::Proof, "the signature of other claims", |draft| {
        let (kind, alg) = (draft.kind(), draft.alg);
        draft.forge = Some(Box::new(move |_| {
            let other = b"eyJhbGciOiJSUzI1NiJ9.e30";
            sign(pair(kind, Whose::Provider), alg, other)
        }));
    }));
    changes
}
