//! The names of programming languages: Notion knows these and no others.

/// Where the language is none of Notion's.
pub(super) const PLAIN: &str = "plain text";

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "abap", "abc", "agda", "arduino", "ascii art", "assembly", "bash", "basic", "bnf", "c", "c#", "c++", "clojure",
    "coffeescript", "coq", "css", "dart", "dhall", "diff", "docker", "ebnf", "elixir", "elm", "erlang", "f#", "flow",
    "fortran", "gherkin", "glsl", "go", "graphql", "groovy", "haskell", "hcl", "html", "idris", "java", "javascript",
    "json", "julia", "kotlin", "latex", "less", "lisp", "livescript", "llvm ir", "lua", "makefile", "markdown",
    "markup", "matlab", "mathematica", "mermaid", "nix", "notion formula", "objective-c", "ocaml", "pascal", "perl",
    "php", PLAIN, "powershell", "prolog", "protobuf", "purescript", "python", "r", "racket", "reason", "ruby", "rust",
    "sass", "scala", "scheme", "scss", "shell", "smalltalk", "solidity", "sql", "swift", "toml", "typescript",
    "vb.net", "verilog", "vhdl", "visual basic", "webassembly", "xml", "yaml", "java/c/c++/c#",
];

/// What else the languages are called.
#[rustfmt::skip]
const ALIASES: &[(&str, &str)] = &[
    ("asm", "assembly"), ("nasm", "assembly"), ("cc", "c++"), ("cpp", "c++"), ("cxx", "c++"), ("hpp", "c++"),
    ("h", "c"), ("cs", "c#"), ("csharp", "c#"), ("clj", "clojure"), ("coffee", "coffeescript"), ("dockerfile", "docker"),
    ("erl", "erlang"), ("ex", "elixir"), ("exs", "elixir"), ("f90", "fortran"), ("fs", "f#"), ("fsharp", "f#"),
    ("gql", "graphql"), ("golang", "go"), ("feature", "gherkin"), ("gradle", "groovy"), ("hs", "haskell"),
    ("htm", "html"), ("js", "javascript"), ("jsx", "javascript"), ("mjs", "javascript"), ("cjs", "javascript"),
    ("node", "javascript"), ("json5", "json"), ("jsonc", "json"), ("jl", "julia"), ("kt", "kotlin"), ("kts", "kotlin"),
    ("tex", "latex"), ("make", "makefile"), ("mk", "makefile"), ("md", "markdown"), ("m", "matlab"),
    ("objc", "objective-c"), ("objectivec", "objective-c"), ("ml", "ocaml"), ("pl", "perl"), ("patch", "diff"),
    ("plain", PLAIN), ("plaintext", PLAIN), ("text", PLAIN), ("txt", PLAIN), ("none", PLAIN), ("ps1", "powershell"),
    ("pwsh", "powershell"), ("proto", "protobuf"), ("purs", "purescript"), ("py", "python"), ("python3", "python"),
    ("rb", "ruby"), ("rs", "rust"), ("rkt", "racket"), ("scm", "scheme"), ("sh", "shell"), ("zsh", "shell"),
    ("fish", "shell"), ("console", "shell"), ("shell-session", "shell"), ("sol", "solidity"), ("postgresql", "sql"),
    ("mysql", "sql"), ("svg", "xml"), ("terraform", "hcl"), ("tf", "hcl"), ("ts", "typescript"), ("tsx", "typescript"),
    ("vb", "visual basic"), ("vbnet", "vb.net"), ("wasm", "webassembly"), ("wat", "webassembly"), ("yml", "yaml"),
];

/// Notion's name for a language that is noted as `note`, and whether that says all that the note does.
pub(super) fn language(note: &str) -> (&'static str, bool) {
    if let Some(name) = named(note) {
        return (name, true);
    }
    let word = note.split([' ', '\t', ',', ':', '{']).next().unwrap_or_default();
    (named(word).unwrap_or(PLAIN), false)
}

fn named(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let name = NAMES.iter().find(|name| **name == word).copied();
    name.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == word).map(|(_, name)| *name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vendors::NOTION;

    use super::*;

    #[test]
    fn every_name_is_notions() {
        for name in NAMES.iter().chain(ALIASES.iter().map(|(_, name)| name)) {
            NOTION.assert_fits("LanguageRequest", &json!(name));
        }
        assert!(ALIASES.iter().all(|(alias, name)| NAMES.contains(name) && !NAMES.contains(alias)));
    }

    #[test]
    fn languages_have_many_names() {
        assert_eq!(language("Rust"), ("rust", true));
        assert_eq!(language("rs"), ("rust", true));
        assert_eq!(language("C++"), ("c++", true));
        assert_eq!(language("visual basic"), ("visual basic", true));
        assert_eq!(language("rust,ignore"), ("rust", false));
        assert_eq!(language("js {1,3}"), ("javascript", false));
        assert_eq!(language("brainfuck"), (PLAIN, false));
        assert_eq!(language("txt"), (PLAIN, true));
    }
}
