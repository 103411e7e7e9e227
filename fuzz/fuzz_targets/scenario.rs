#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    doorkey_qa::fuzzing::scenario(bytes);
});
