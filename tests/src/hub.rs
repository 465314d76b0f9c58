//! A hub of models on a fault server: the routes by which files are listed, looked up and fetched.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ring::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use serde_json::json;

use crate::fault::{Answer, Script};

/// The commit of every model.
pub const COMMIT: &str = "741f7c3ce8b383c54771c7003378a50191e9efe9";

/// A model of a hub.
#[derive(Clone, Debug)]
pub struct Model {
    repo: String,
    files: Vec<File>,
}

/// A file of a model.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path in the model.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether the storage behind the hub has it.
    pub stored: bool,
}

impl File {
    /// The name of its blob: its sha256 where the storage has it, else git's hash.
    pub fn etag(&self) -> String {
        if self.stored {
            let mut hash = Context::new(&SHA256);
            hash.update(&self.bytes);
            return hex(&hash.finish());
        }
        let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
        hash.update(format!("blob {}\0", self.bytes.len()).as_bytes());
        hash.update(&self.bytes);
        hex(&hash.finish())
    }

    /// The answer to a look at it, where the hub itself serves it.
    pub fn head(&self) -> Answer {
        let (etag, length) = (self.etag(), self.bytes.len());
        Answer::raw(format!(
            "HTTP/1.1 200 OK\r\nx-repo-commit: {COMMIT}\r\netag: \"{etag}\"\r\n\
             content-length: {length}\r\n\r\n"
        ))
    }

    /// The redirect to where the storage has it, as the hub answers both looks and requests.
    pub fn redirect(&self, location: &str) -> Answer {
        let (etag, length) = (self.etag(), self.bytes.len());
        Answer::raw(format!(
            "HTTP/1.1 302 Found\r\nlocation: {location}\r\nx-repo-commit: {COMMIT}\r\n\
             x-linked-etag: \"{etag}\"\r\nx-linked-size: {length}\r\ncontent-length: 0\r\n\r\n"
        ))
    }

    /// All its bytes.
    pub fn whole(&self) -> Answer {
        let answer = Answer::new(200, "application/octet-stream", &self.bytes);
        answer.header("etag", &format!("\"{}\"", self.etag()))
    }

    /// Its bytes from `from` on.
    pub fn rest(&self, from: usize) -> Answer {
        let length = self.bytes.len();
        Answer::new(206, "application/octet-stream", &self.bytes[from..]).header(
            "content-range",
            &format!("bytes {from}-{}/{length}", length - 1),
        )
    }
}

impl Model {
    /// A model without files.
    pub fn new(repo: &str) -> Self {
        let repo = repo.to_owned();
        let files = Vec::new();
        Self { repo, files }
    }

    /// Adds a file that the hub itself serves.
    #[must_use]
    pub fn with_text(self, path: &str, text: &str) -> Self {
        self.with(path, text.as_bytes().to_vec(), false)
    }

    /// Adds a file of so many bytes that the storage has.
    #[must_use]
    pub fn with_weights(self, path: &str, length: usize) -> Self {
        let byte = |place: usize| u8::try_from(place * 7 % 251).unwrap_or_default();
        self.with(path, (0..length).map(byte).collect(), true)
    }

    /// Adds every file of a folder; the storage has those of weights.
    ///
    /// # Panics
    ///
    /// Where the folder cannot be read.
    #[must_use]
    pub fn with_folder(self, folder: &Path) -> Self {
        self.with_files_of(folder, "")
    }

    fn with_files_of(mut self, folder: &Path, before: &str) -> Self {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .expect("UTF-8");
            let name = format!("{before}{name}");
            self = if path.is_dir() {
                self.with_files_of(&path, &format!("{name}/"))
            } else {
                let bytes = fs::read(&path).expect("a file");
                let stored = name.ends_with(".safetensors");
                self.with(&name, bytes, stored)
            };
        }
        self
    }

    fn with(mut self, path: &str, bytes: Vec<u8>, stored: bool) -> Self {
        let path = path.to_owned();
        self.files.push(File {
            path,
            bytes,
            stored,
        });
        self
    }

    /// One of its files.
    ///
    /// # Panics
    ///
    /// Where it has no such file.
    pub fn file(&self, path: &str) -> &File {
        let found = self.files.iter().find(|file| file.path == path);
        found.unwrap_or_else(|| panic!("no {path}"))
    }

    /// The route of a request for a file, such as `GET /a/b/resolve/741f…/model.safetensors`.
    pub fn route(&self, method: &str, path: &str) -> String {
        format!("{method} /{}/resolve/{COMMIT}/{path}", self.repo)
    }

    /// The route of the list of its files at a revision.
    pub fn list(&self, revision: &str) -> String {
        format!("GET /api/models/{}/revision/{revision}", self.repo)
    }

    /// What the hub answers about it; what the storage has is at `storage`, an address.
    pub fn on(&self, mut script: Script, storage: &str) -> Script {
        for revision in ["main", COMMIT] {
            script = script.on(&self.list(revision), self.listing());
        }
        let tree = format!("GET /api/models/{}/tree/{COMMIT}", self.repo);
        script = script.on(&tree, self.tree());
        for file in &self.files {
            let (head, get) = if file.stored {
                let location = format!("{storage}/{}", file.etag());
                (file.redirect(&location), file.redirect(&location))
            } else {
                (file.head(), file.whole())
            };
            script = script.on(&self.route("HEAD", &file.path), head);
            script = script.on(&self.route("GET", &file.path), get);
            // Python asks by the branch first, and by the commit from then on.
            let by_branch = self.route("HEAD", &file.path).replace(COMMIT, "main");
            script = script.on(
                &by_branch,
                if file.stored {
                    file.redirect(&format!("{storage}/{}", file.etag()))
                } else {
                    file.head()
                },
            );
        }
        script
    }

    /// What the storage answers.
    pub fn stored(&self) -> Script {
        let stored = self.files.iter().filter(|file| file.stored);
        stored.fold(Script::empty(), |script, file| {
            script.on(&format!("GET /{}", file.etag()), file.whole())
        })
    }

    /// The list of its files in the form that Python asks for.
    fn tree(&self) -> Answer {
        let file = |file: &File| {
            let (size, etag) = (file.bytes.len(), file.etag());
            let mut entry = json!({ "type": "file", "path": file.path, "size": size, "oid": etag });
            if file.stored {
                entry["lfs"] = json!({ "oid": etag, "size": size, "pointerSize": 135 });
            }
            entry
        };
        Answer::json(200, &json!(self.files.iter().map(file).collect::<Vec<_>>()))
    }

    /// The list of its files.
    pub fn listing(&self) -> Answer {
        let file = |file: &File| json!({ "rfilename": file.path, "size": file.bytes.len() });
        let files: Vec<_> = self.files.iter().map(file).collect();
        let listing =
            json!({ "id": self.repo, "sha": COMMIT, "siblings": files, "private": false });
        Answer::json(200, &listing)
    }
}

fn hex(digest: &Digest) -> String {
    let mut text = String::new();
    for byte in digest.as_ref() {
        write!(text, "{byte:02x}").expect("a String takes all");
    }
    text
}
