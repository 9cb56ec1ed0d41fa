//! TLS by rustls: settings prepared once, shared by all connections that use them.
//!
//! TLS 1.2 and 1.3. Sessions are resumed among the connections of one [`Tls`].

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct,
    Error, RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

/// What is demanded of servers, and what is shown to them.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether certificates are verified at all.
    pub verify: bool,
    /// PEM: certificates of authorities that are trusted.
    pub authorities: Vec<u8>,
    /// PEM: this client's certificate chain; empty: none.
    pub certificate: Vec<u8>,
    /// PEM: this client's key.
    pub key: Vec<u8>,
    /// Whether the certificate must name the host.
    pub check_hostname: bool,
}

/// Prepared settings. Cheap to clone; clones share the sessions.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Prepares `settings`. Reads all certificates: milliseconds for a full bundle.
    ///
    /// # Errors
    /// PEM that holds no certificate or key, or a key that does not fit.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let verifier: Arc<dyn ServerCertVerifier> = if settings.verify {
            let roots = Arc::new(read_authorities(&settings.authorities)?);
            let inner = WebPkiServerVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|error| error.to_string())?;
            if settings.check_hostname {
                inner
            } else {
                Arc::new(AnyName(inner))
            }
        } else {
            Arc::new(Anything(provider))
        };
        let builder = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = if settings.certificate.is_empty() {
            builder.with_no_client_auth()
        } else {
            let key = PrivateKeyDer::from_pem_slice(&settings.key)
                .map_err(|error| format!("there is no usable private key: {error}"))?;
            builder
                .with_client_auth_cert(read_certificates(&settings.certificate)?, key)
                .map_err(|error| format!("certificate and key do not fit: {error}"))?
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// The client side of a new connection to `host` (name or address).
    ///
    /// # Errors
    /// `host` cannot be the name of a TLS server.
    pub fn connect(&self, host: &str) -> Result<ClientConnection, String> {
        let address = host.split('%').next().unwrap_or(host);
        let name = ServerName::try_from(address.to_owned())
            .map_err(|_| format!("{host:?} cannot be the name of a TLS server"))?;
        let mut connection =
            ClientConnection::new(self.0.clone(), name).map_err(|error| error.to_string())?;
        connection.set_buffer_limit(None);
        Ok(connection)
    }
}

/// Describes an error of rustls in words that say what to do; true: it is about the server's certificate.
pub fn describe(error: &Error) -> (bool, String) {
    match error {
        Error::InvalidCertificate(reason) => (true, describe_certificate(reason)),
        Error::AlertReceived(AlertDescription::ProtocolVersion) => (
            false,
            "the server speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
        ),
        Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            false,
            "the server refused the handshake: no common protocol version or cipher, or it wants a client certificate"
                .to_owned(),
        ),
        Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate,
        ) => (
            false,
            format!("the server requires a client certificate, or did not accept it ({error})"),
        ),
        Error::InvalidMessage(_) => (
            false,
            format!("the server does not seem to speak TLS on this port ({error})"),
        ),
        _ => (false, error.to_string()),
    }
}

/// Whether an error is the server's refusal of the handshake or of the client's certificate.
pub fn is_refusal(error: &Error) -> bool {
    use AlertDescription as Alert;
    matches!(
        error,
        Error::AlertReceived(
            Alert::HandshakeFailure
                | Alert::ProtocolVersion
                | Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::DecryptError
                | Alert::InsufficientSecurity
        )
    )
}

fn describe_certificate(reason: &CertificateError) -> String {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::UnknownIssuer => {
            "it is self-signed, or its issuer is not one of the trusted authorities".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("it was not made for this host ({reason})")
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        other => other.to_string(),
    }
}

fn read_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.map_err(|error| format!("malformed PEM: {error}"))?;
    if certificates.is_empty() {
        return Err("there is no certificate in it".to_owned());
    }
    Ok(certificates)
}

fn read_authorities(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Bundles of real systems contain a few certificates that cannot be parsed; OpenSSL skips them as well.
    let (added, _) = roots.add_parsable_certificates(read_certificates(pem)?);
    if added == 0 {
        return Err("there is no usable certificate in it".to_owned());
    }
    Ok(roots)
}

/// Accepts whatever the server shows.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Verifies the chain and the dates, but not the name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        match self
            .0
            .verify_server_cert(end_entity, intermediates, name, ocsp, now)
        {
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
