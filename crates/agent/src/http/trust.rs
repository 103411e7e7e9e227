//! Whose certificates are trusted: the system's and those of files that the environment names. The platform's own
//! verifier judges; what it refused is kept beside its word.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fmt, fs, io};

use doorkey_client::words::NetworkSettings;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme, crypto,
};
use rustls_platform_verifier::Verifier;

use super::HttpError;
use super::certificate::{Presented, last_issuer};

/// Files of certificates are smaller; the systems' own have some 250 KiB.
const LARGEST_FILE: u64 = 8 * 1024 * 1024;

/// What messages call the settings.
const SETTINGS: &str = "network.toml";

/// The files of certificates that the environment and a person name (F-10).
#[derive(Clone, Debug, Default)]
pub struct CaFiles {
    /// `DOORKEY_CA_FILE`: trusted beside the others.
    added: Option<PathBuf>,
    /// `SSL_CERT_FILE`: for all programs that know it, in place of the system's own file.
    system: Option<PathBuf>,
    /// A person's setting: trusted beside the others.
    set: Option<PathBuf>,
}

/// A file of certificates that is in effect.
#[derive(Clone, Debug)]
pub struct CaFile {
    /// `DOORKEY_CA_FILE`, `SSL_CERT_FILE` or `network.toml`.
    pub variable: &'static str,
    /// As the environment has it.
    pub path: PathBuf,
    certificates: Vec<CertificateDer<'static>>,
}

/// Why a file of certificates cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} names “{}”, {why}", .path.display())]
pub struct CaFileError {
    variable: &'static str,
    path: PathBuf,
    why: String,
}

impl CaFiles {
    /// From `DOORKEY_CA_FILE` and `SSL_CERT_FILE`. Nothing is read yet.
    #[must_use]
    pub fn from_env() -> Self {
        let named = |name| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { added: named("DOORKEY_CA_FILE"), system: named("SSL_CERT_FILE"), set: None }
    }

    /// With the one that a person has set.
    #[must_use]
    pub fn beside(mut self, settings: &NetworkSettings) -> Self {
        self.set = settings.ca_file.as_deref().map(PathBuf::from);
        self
    }

    /// Where they are.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.system, &self.added, &self.set].into_iter().flatten().map(PathBuf::as_path)
    }

    /// A file that is trusted beside the system's own.
    #[cfg(test)]
    pub(super) fn adding(path: PathBuf) -> Self {
        Self { added: Some(path), ..Self::default() }
    }

    /// Reads those that are named.
    ///
    /// # Errors
    /// When one cannot be used: to go on without it would only fail later, and elsewhere.
    pub fn read(&self) -> Result<Vec<CaFile>, CaFileError> {
        let named = [("DOORKEY_CA_FILE", &self.added), ("SSL_CERT_FILE", &self.system), (SETTINGS, &self.set)];
        named.into_iter().filter_map(|(variable, path)| Some(CaFile::read(variable, path.as_ref()?))).collect()
    }
}

impl CaFile {
    /// How many certificates it brings.
    #[must_use]
    pub fn count(&self) -> usize {
        self.certificates.len()
    }

    /// Whether they take the place of the system's own, where the platform has it so.
    #[must_use]
    pub fn replaces(&self) -> bool {
        self.variable == "SSL_CERT_FILE" && cfg!(all(unix, not(target_vendor = "apple")))
    }

    /// The one that a person wants to set.
    pub(super) fn of_settings(path: &Path) -> Result<Self, CaFileError> {
        Self::read(SETTINGS, path)
    }

    fn read(variable: &'static str, path: &Path) -> Result<Self, CaFileError> {
        let refused = |why: String| CaFileError { variable, path: path.to_owned(), why };
        let bytes = content(path).map_err(|error| {
            refused(match error.kind() {
                io::ErrorKind::NotFound => "which is not there".to_owned(),
                io::ErrorKind::PermissionDenied => "which you may not read".to_owned(),
                _ => format!("which cannot be read: {error}"),
            })
        })?;
        let mut certificates = Vec::new();
        for (number, certificate) in (1..).zip(CertificateDer::pem_slice_iter(&bytes)) {
            let certificate = certificate.map_err(|_| refused(format!("of which entry {number} is damaged")))?;
            match RootCertStore::empty().add(certificate.clone()) {
                Ok(()) => certificates.push(certificate),
                // A system's bundle may have one that this verifier does not know how to read.
                Err(_) if variable == "SSL_CERT_FILE" => {}
                Err(_) => return Err(refused(format!("of which certificate {number} is damaged"))),
            }
        }
        if certificates.is_empty() {
            return Err(refused(
                if bytes.is_empty() { "which is empty" } else { "in which no certificate is" }.to_owned(),
            ));
        }
        Ok(Self { variable, path: path.to_owned(), certificates })
    }
}

impl CaFileError {
    pub(super) fn hint(&self) -> String {
        let variable = self.variable;
        format!(
            "Let {variable} name a PEM file (its certificates begin with -----BEGIN CERTIFICATE-----), or leave it out. A DER file is turned into one by `openssl x509 -inform der -in FILE -out FILE.pem`."
        )
    }

    /// As the refusal to show.
    #[must_use]
    pub fn refusal(&self) -> doorkey_client::words::Refusal {
        HttpError::from(self.clone()).refusal()
    }
}

fn content(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    if file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)? as u64 > LARGEST_FILE {
        return Err(io::Error::other("it is too large to be one of certificates"));
    }
    Ok(bytes)
}

/// TLS as the system wants it, with the files of the environment.
pub(super) fn client_config(files: &CaFiles) -> Result<ClientConfig, HttpError> {
    let no_client = |error: rustls::Error| HttpError::NoClient { why: error.to_string() };
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    // Where SSL_CERT_FILE takes the system's place, the verifier below has read it by itself.
    let added = files.read()?.into_iter().filter(|file| !file.replaces()).flat_map(|file| file.certificates);
    let judge = Verifier::new_with_extra_roots(added, Arc::clone(&provider)).map_err(no_client)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(no_client)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness { judge }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Lets the platform's verifier judge, and keeps what was refused. It decides nothing.
#[derive(Debug)]
struct Witness {
    judge: Verifier,
}

/// A certificate that was refused.
#[derive(Debug)]
pub(super) struct Rejected {
    /// Whom it should have been for.
    pub(super) host: String,
    pub(super) cause: CertificateError,
    /// The one that the cause is about, where it can be read.
    pub(super) presented: Option<Presented>,
    /// Who would have to be trusted for all of them to be.
    pub(super) last_issuer: Option<String>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verdict.map_err(|error| match error {
            rustls::Error::InvalidCertificate(cause) => {
                let chain = || std::iter::once(end_entity).chain(intermediates).map(|der| der.as_ref());
                let rejected = Rejected {
                    host: server_name.to_str().into_owned(),
                    presented: about(&cause, chain()),
                    last_issuer: last_issuer(chain()),
                    cause,
                };
                rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(rejected))))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}

/// The certificate out of its time may be one above the host's own.
fn about<'a>(cause: &CertificateError, mut chain: impl Iterator<Item = &'a [u8]>) -> Option<Presented> {
    let first = Presented::of(chain.next()?);
    let seconds = |at: &UnixTime| i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    let is_it = |one: &Presented| match cause {
        CertificateError::ExpiredContext { not_after, .. } => one.not_after == seconds(not_after),
        CertificateError::NotValidYetContext { not_before, .. } => one.not_before == seconds(not_before),
        _ => true,
    };
    match first {
        Some(first) if is_it(&first) => Some(first),
        first => chain.filter_map(Presented::of).find(|one| is_it(one)).or(first),
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl std::error::Error for Rejected {}
