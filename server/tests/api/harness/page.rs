//! An HTML page as a browser without scripts reads it: visible text, embedded data and forms.

use serde::de::DeserializeOwned;

pub(crate) struct Page {
    pub(crate) html: String,
}

/// The request that a form submits.
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

    /// The embedded data from which the page is hydrated.
    pub(crate) fn opening<T: DeserializeOwned>(&self) -> T {
        let block = between(&self.html, "id=\"opening\">", "</script>").unwrap();
        serde_json::from_str(block).unwrap()
    }

    /// The text of the page without head and tags.
    pub(crate) fn visible_text(&self) -> String {
        // A quoted name has a tag of its own.
        let body =
            self.html.split_once("<body>").unwrap().1.replace("“<bdi translate=\"no\">", "“").replace("</bdi>”", "”");
        let texts = body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
        texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn assert_text(&self, words: &str) {
        assert!(self.visible_text().contains(words), "{words:?} is missing in {:?}", self.visible_text());
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        let forms = self.html.split("<form ").skip(1).map(|rest| rest.split_once("</form>").unwrap().0);
        forms.map(|form| Form { action: attribute(form, "action").unwrap(), fields: fields(form) }).collect()
    }

    /// The first form that posts to `action` and has the field.
    pub(crate) fn form(&self, action: &str, field: (&str, &str)) -> Form {
        let field = (field.0.to_owned(), field.1.to_owned());
        let form = self.forms().into_iter().find(|form| form.action == action && form.fields.contains(&field));
        form.unwrap_or_else(|| panic!("no form posts {field:?} to {action}: {:?}", self.visible_text()))
    }
}

impl Form {
    /// Sets the value of a field or selects an option.
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        value.clone_into(&mut field.unwrap_or_else(|| panic!("no field {name}")).1);
        self
    }

    /// Checks a checkbox.
    pub(crate) fn tick(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Unchecks a checkbox.
    pub(crate) fn untick(mut self, name: &str) -> Self {
        let before = self.fields.len();
        self.fields.retain(|(known, _)| known != name);
        assert_eq!(self.fields.len() + 1, before, "{name} is not checked");
        self
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// The submitted fields in document order.
fn fields(form: &str) -> Vec<(String, String)> {
    let tags = form.split('<').filter(|piece| piece.starts_with("input ") || piece.starts_with("select "));
    let sent = tags.filter_map(|piece| {
        let tag = piece.split_once('>').unwrap().0;
        let name = attribute(tag, "name").unwrap();
        if tag.starts_with("select ") {
            return Some((name.clone(), selected_option(form, &name)));
        }
        // Unchecked radio buttons and checkboxes are not submitted.
        let is_submitted = tag.contains(" checked")
            || !["radio", "checkbox"].map(|kind| format!("type=\"{kind}\"")).iter().any(|kind| tag.contains(kind));
        is_submitted.then(|| (name, attribute(tag, "value").unwrap_or_default()))
    });
    sent.collect()
}

/// The value that a browser submits for a `select`: the selected option, else the first.
fn selected_option(form: &str, name: &str) -> String {
    let mut selects = form.split("<select ").skip(1);
    let select = selects.find(|select| attribute(select, "name").as_deref() == Some(name)).unwrap();
    let options = select.split_once("</select>").unwrap().0.split("<option").skip(1);
    let options: Vec<_> = options.map(|rest| rest.split_once('>').unwrap().0).collect();
    let shown = options.iter().find(|tag| tag.contains(" selected")).or(options.first()).unwrap();
    attribute(shown, "value").unwrap_or_default()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = between(tag, &format!("{name}=\""), "\"")?;
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(between, _)| between)
}
