//! Forms with files: what the framework's own calls do not carry.

use leptos::{prelude::*, web_sys::js_sys};
use wasm_bindgen::{JsCast, JsValue};

/// Sends a form as it stands, files and all, and hands over the answer's text: `Ok` for one that says yes, `Err` for one
/// that says no, with nothing in it when there was none.
pub fn send_form(
    form: &web_sys::HtmlElement,
    to: &str,
    f: impl FnOnce(Result<String, Option<String>>) + 'static,
) {
    let window: JsValue = window().into();
    let get = |of: &JsValue, key: &str| js_sys::Reflect::get(of, &key.into()).unwrap_or_default();
    let call = move |of: &JsValue, key: &str, args: &[JsValue]| -> Option<js_sys::Promise> {
        let f = get(of, key).dyn_into::<js_sys::Function>().ok()?;
        f.apply(of, &args.iter().collect()).ok()?.dyn_into().ok()
    };
    let data = get(&window, "FormData")
        .dyn_into::<js_sys::Function>()
        .ok()
        .and_then(|c| js_sys::Reflect::construct(&c, &js_sys::Array::of1(form)).ok());
    let how = js_sys::Object::new();
    let headers = js_sys::Object::new();
    // an object of one's own takes every property
    let set =
        |of: &js_sys::Object, key: &str, value: &JsValue| _ = js_sys::Reflect::set(of, &key.into(), value);
    set(&headers, "accept", &"application/json".into());
    set(&how, "method", &"POST".into());
    set(&how, "headers", &headers);
    set(&how, "body", &data.unwrap_or_default());
    let asked = call(&window, "fetch", &[to.into(), how.into()]);
    leptos::task::spawn_local(async move {
        let answer = match asked {
            Some(asked) => wasm_bindgen_futures::JsFuture::from(asked).await.ok(),
            None => None,
        };
        let Some(answer) = answer else { return f(Err(None)) };
        let yes = get(&answer, "ok").is_truthy();
        let text = match call(&answer, "text", &[]) {
            Some(text) => wasm_bindgen_futures::JsFuture::from(text).await.ok(),
            None => None,
        };
        let text = text.and_then(|t| t.as_string());
        f(if yes {
            Ok(text.unwrap_or_default())
        } else {
            Err(text)
        });
    });
}
