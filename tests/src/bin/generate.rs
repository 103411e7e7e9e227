//! `generate FOLDER`: writes the pages that are made of the code below that folder. `make gen` calls it.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: generate FOLDER")?;
    for page in doorkey_tests::generated::pages() {
        page.write(&folder)?;
    }
    Ok(())
}
