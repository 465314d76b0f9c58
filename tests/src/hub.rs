//! A model hub served by fault servers: file lists, metadata and downloads.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ring::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use serde_json::json;

use crate::fault::{MockResponse, Script};

/// The commit that every revision resolves to.
pub const COMMIT: &str = "741f7c3ce8b383c54771c7003378a50191e9efe9";

/// A model on the hub.
#[derive(Clone, Debug)]
pub struct Model {
    repo: String,
    files: Vec<File>,
}

/// A file of a model.
#[derive(Clone, Debug)]
pub struct File {
    /// The path in the model.
    pub path: String,
    /// The contents.
    pub bytes: Vec<u8>,
    /// Whether the hub redirects downloads of this file to its storage.
    pub in_storage: bool,
}

impl File {
    /// The name of its blob: the sha256 if it is in the storage, else git's hash.
    pub fn etag(&self) -> String {
        if self.in_storage {
            let mut hash = Context::new(&SHA256);
            hash.update(&self.bytes);
            return hex(&hash.finish());
        }
        let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
        hash.update(format!("blob {}\0", self.bytes.len()).as_bytes());
        hash.update(&self.bytes);
        hex(&hash.finish())
    }

    /// The response to a `HEAD` request if the hub itself serves the file.
    fn head_response(&self) -> MockResponse {
        let (etag, length) = (self.etag(), self.bytes.len());
        MockResponse::raw(format!(
            "HTTP/1.1 200 OK\r\nx-repo-commit: {COMMIT}\r\netag: \"{etag}\"\r\n\
             content-length: {length}\r\n\r\n"
        ))
    }

    /// The redirect to the storage, with the same headers for `HEAD` and `GET`.
    fn redirect(&self, location: &str) -> MockResponse {
        let (etag, length) = (self.etag(), self.bytes.len());
        MockResponse::raw(format!(
            "HTTP/1.1 302 Found\r\nlocation: {location}\r\nx-repo-commit: {COMMIT}\r\n\
             x-linked-etag: \"{etag}\"\r\nx-linked-size: {length}\r\ncontent-length: 0\r\n\r\n"
        ))
    }

    /// A response with the complete file.
    pub fn full_response(&self) -> MockResponse {
        let response = MockResponse::new(200, "application/octet-stream", &self.bytes);
        response.header("etag", &format!("\"{}\"", self.etag()))
    }

    /// A 206 response with the bytes from offset `from` on.
    pub fn partial_response(&self, from: usize) -> MockResponse {
        let length = self.bytes.len();
        MockResponse::new(206, "application/octet-stream", &self.bytes[from..]).header(
            "content-range",
            &format!("bytes {from}-{}/{length}", length - 1),
        )
    }
}

impl Model {
    /// Creates a model without files.
    pub fn new(repo: &str) -> Self {
        let repo = repo.to_owned();
        let files = Vec::new();
        Self { repo, files }
    }

    /// Adds a file served by the hub itself.
    #[must_use]
    pub fn with_text(self, path: &str, text: &str) -> Self {
        self.with_file(path, text.as_bytes().to_vec(), false)
    }

    /// Adds a file of `length` bytes, served by the storage.
    #[must_use]
    pub fn with_weights(self, path: &str, length: usize) -> Self {
        let byte = |index: usize| u8::try_from(index * 7 % 251).unwrap_or_default();
        self.with_file(path, (0..length).map(byte).collect(), true)
    }

    /// Adds the files in a folder and its subfolders; the storage serves `.safetensors` files.
    ///
    /// # Panics
    ///
    /// If the folder cannot be read.
    #[must_use]
    pub fn with_folder(self, folder: &Path) -> Self {
        self.with_files_in(folder, "")
    }

    fn with_files_in(mut self, folder: &Path, prefix: &str) -> Self {
        for entry in fs::read_dir(folder).expect("failed to read the folder") {
            let path = entry.expect("failed to read the entry").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .expect("not a UTF-8 file name");
            let name = format!("{prefix}{name}");
            self = if path.is_dir() {
                self.with_files_in(&path, &format!("{name}/"))
            } else {
                let bytes = fs::read(&path).expect("failed to read the file");
                let in_storage = name.ends_with(".safetensors");
                self.with_file(&name, bytes, in_storage)
            };
        }
        self
    }

    fn with_file(mut self, path: &str, bytes: Vec<u8>, in_storage: bool) -> Self {
        let path = path.to_owned();
        self.files.push(File {
            path,
            bytes,
            in_storage,
        });
        self
    }

    /// The file at `path`.
    ///
    /// # Panics
    ///
    /// If there is no such file.
    pub fn file(&self, path: &str) -> &File {
        let found = self.files.iter().find(|file| file.path == path);
        found.unwrap_or_else(|| panic!("no file {path}"))
    }

    /// The route of a file, such as `GET /a/b/resolve/741f…/model.safetensors`.
    pub fn route(&self, method: &str, path: &str) -> String {
        format!("{method} /{}/resolve/{COMMIT}/{path}", self.repo)
    }

    /// The route of the model's info and file list at a revision.
    pub fn info_route(&self, revision: &str) -> String {
        format!("GET /api/models/{}/revision/{revision}", self.repo)
    }

    /// The routes of the hub; it redirects to the storage at the URL `storage`.
    pub fn hub_script(&self, storage: &str) -> Script {
        let mut script = Script::empty();
        for revision in ["main", COMMIT] {
            script = script.on(&self.info_route(revision), self.info_response());
        }
        let tree = format!("GET /api/models/{}/tree/{COMMIT}", self.repo);
        script = script.on(&tree, self.tree_response());
        for file in &self.files {
            let (head, get) = if file.in_storage {
                let location = format!("{storage}/{}", file.etag());
                (file.redirect(&location), file.redirect(&location))
            } else {
                (file.head_response(), file.full_response())
            };
            script = script.on(&self.route("HEAD", &file.path), head.clone());
            script = script.on(&self.route("GET", &file.path), get);
            // Python requests the metadata by branch first, and then everything by commit.
            let by_branch = self.route("HEAD", &file.path).replace(COMMIT, "main");
            script = script.on(&by_branch, head);
        }
        script
    }

    /// The routes of the storage.
    pub fn storage_script(&self) -> Script {
        let files = self.files.iter().filter(|file| file.in_storage);
        files.fold(Script::empty(), |script, file| {
            script.on(&format!("GET /{}", file.etag()), file.full_response())
        })
    }

    /// The file list in the format that Python requests.
    fn tree_response(&self) -> MockResponse {
        let file = |file: &File| {
            let (size, etag) = (file.bytes.len(), file.etag());
            let mut entry = json!({ "type": "file", "path": file.path, "size": size, "oid": etag });
            if file.in_storage {
                entry["lfs"] = json!({ "oid": etag, "size": size, "pointerSize": 135 });
            }
            entry
        };
        MockResponse::json(200, &json!(self.files.iter().map(file).collect::<Vec<_>>()))
    }

    /// The model's info and file list.
    pub fn info_response(&self) -> MockResponse {
        let file = |file: &File| json!({ "rfilename": file.path, "size": file.bytes.len() });
        let files: Vec<_> = self.files.iter().map(file).collect();
        let info = json!({ "id": self.repo, "sha": COMMIT, "siblings": files, "private": false });
        MockResponse::json(200, &info)
    }
}

fn hex(digest: &Digest) -> String {
    let mut text = String::new();
    for byte in digest.as_ref() {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}
