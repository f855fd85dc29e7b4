//! Every rule for the text of a cue, with the smallest texts that show it.

use super::cue_text;

/// The voices as `speaker: text`, with ` | ` between them.
fn shown(text: &str) -> String {
    let voices = cue_text::voices(text).into_iter();
    let lines = voices.map(|voice| match voice.speaker {
        Some(speaker) => format!("{speaker}: {}", voice.text),
        None => voice.text,
    });
    lines.collect::<Vec<_>>().join(" | ")
}

#[test]
fn tags() {
    for (text, expected) in [
        ("a<b>b</b>c", "abc"),
        ("<c>a</c><c.x>b</c><c.x.y>c</c><c.>d</c><c..x>e</c>", "abcde"),
        ("<i>a</i><u>b</u><lang en>c</lang><lang>d</lang>", "abcd"),
        ("<I>a</I><bold>b</bold><i/>c<vx>d</vx><1a>e", "abcde"),
        ("<>a</>b< >c</ >d", "abcd"),
        ("<b\n>a</b><b\tx>b</b><b\u{c}y>c</b>", "abc"),
        ("<b><i>a</b>b</i>c", "abc"),
        ("a</b></i>b", "ab"),
        ("<b <i>a", "a"),
        ("a<b.x&lt;y z>b", "ab"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn voices() {
    for (text, expected) in [
        ("<v Ada>a", "Ada: a"),
        ("<v.loud.x Ada>a</v>b", "Ada: a | b"),
        ("<v\tAda\nLovelace >a", "Ada Lovelace: a"),
        ("<v  A&amp;B &lt;c>a", "A&B <c: a"),
        ("<v>a</v><v >b</v><v.x>c", "a b c"),
        ("<v Ada><i>a</v>b", "Ada: ab"),
        ("<v Ada><i>a</i></v>b", "Ada: a | b"),
        ("<v Ada><v Bo>a</v>b</v>c", "Bo: a | Ada: b | c"),
        ("<v Ada></v>a", "a"),
        ("<V Ada>a", "a"),
        ("</v Ada>a", "a"),
        ("<v Ada>a</v x>b", "Ada: ab"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn ruby() {
    for (text, expected) in [
        ("<ruby>a<rt>x</rt></ruby>b", "ab"),
        ("<ruby>a<rt>x</ruby>b", "ab"),
        ("<v Ada><ruby>a<rt>x</ruby></v>b", "Ada: a | b"),
        ("<ruby>a<rt>x</rt>b<rt>y</rt></ruby>c", "abc"),
        ("<ruby><b>a<rt>x</rt></b></ruby>b", "axb"),
        ("<ruby>a<rt><b>x</b></rt></ruby>b", "ab"),
        ("<rt>a</rt>b", "ab"),
        ("<ruby.x a>b<rt.y c>x</rt></ruby>", "b"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn moments_in_text() {
    for text in ["a<00:01.000>b", "a<00:00:01.000>b", "a<0>b", "a<99:99:99>b", "a<1<b>b", "a</00:01.000>b"] {
        assert_eq!(shown(text), "ab", "{text}");
    }
}

#[test]
fn character_references() {
    for (text, expected) in [
        ("&amp;&lt;&gt;", "&<>"),
        ("&amp &ampx &AMP; &Amp;", "& &x & &Amp;"),
        ("a&nbsp;b&lrm;&rlm;", "a b\u{200e}\u{200f}"),
        ("&#97;&#x61;&#X61;&#97 &#x61g", "aaaa ag"),
        ("&#0;&#x110000;&#xD800;", "\u{fffd}\u{fffd}\u{fffd}"),
        ("&#128;&#x9f;", "€Ÿ"),
        ("& &; &# &#; &#x; &nope; &&amp;", "& &; &# &#; &#x; &nope; &&"),
        ("&notin;&notit;&NotEqualTilde;", "∉¬it;≂\u{338}"),
        ("&lt;b&gt;a&lt;/b&gt;", "<b>a</b>"),
        ("&am<b>p;", "&amp;"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn truncated_tags_and_references() {
    for (text, expected) in [
        ("a<", "a"),
        ("a<b", "a"),
        ("a</", "a"),
        ("a</b", "a"),
        ("a<b.", "a"),
        ("a<v Ada", "a Ada"),
        ("a<0", "a"),
        ("a&", "a&"),
        ("a&am", "a&am"),
        ("a&amp", "a&"),
        ("a&#", "a&#"),
        ("a&#9", "a"),
        ("a&#x", "a&#x"),
        ("<v Ada>a</v", "Ada: a"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}
