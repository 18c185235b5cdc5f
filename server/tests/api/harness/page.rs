//! A page as a browser without script takes it: its words, its data block, its forms.

use serde::de::DeserializeOwned;

pub(crate) struct Page {
    pub(crate) html: String,
}

/// What pressing a form's button posts.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Page {
    pub(crate) fn new(html: &str) -> Self {
        assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
        Self { html: html.to_owned() }
    }

    /// What the page is brought to life with.
    pub(crate) fn opening<T: DeserializeOwned>(&self) -> T {
        let block = between(&self.html, "id=\"opening\">", "</script>").unwrap();
        serde_json::from_str(block).unwrap()
    }

    /// The words of the page, without its head and its tags.
    pub(crate) fn words(&self) -> String {
        let body = self.html.split_once("<body>").unwrap().1;
        let texts = body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
        texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn says(&self, words: &str) {
        assert!(self.words().contains(words), "{words:?} is not in {:?}", self.words());
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        let forms = self.html.split("<form ").skip(1).map(|rest| rest.split_once("</form>").unwrap().0);
        forms.map(|form| Form { action: attribute(form, "action").unwrap(), fields: fields(form) }).collect()
    }

    /// The first form that posts to `action` and has the field.
    pub(crate) fn form(&self, action: &str, field: (&str, &str)) -> Form {
        let field = (field.0.to_owned(), field.1.to_owned());
        let found = self.forms().into_iter().find(|form| form.action == action && form.fields.contains(&field));
        found.unwrap_or_else(|| panic!("no form posts {field:?} to {action}: {:?}", self.words()))
    }
}

impl Form {
    /// Fills a field in, or picks one of several.
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        value.clone_into(&mut field.unwrap_or_else(|| panic!("no field {name}")).1);
        self
    }

    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn fields(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input ").skip(1).map(|rest| rest.split_once('>').unwrap().0);
    // A radio that is not picked is not sent.
    let sent = inputs.filter(|input| !input.contains("type=\"radio\"") || input.contains("checked"));
    sent.map(|input| (attribute(input, "name").unwrap(), attribute(input, "value").unwrap_or_default())).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    between(tag, &format!("{name}=\""), "\"").map(|value| value.replace("&amp;", "&"))
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(between, _)| between)
}
