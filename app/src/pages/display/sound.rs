//! The sound of the display: a chime and a voice for each call, as this device has it switched on.

use domain::view::display::DisplayRow;
use leptos::prelude::*;

use crate::ui::text::{inner_text, text};
use crate::words::Words;

/// The sound of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Volume {
    #[default]
    Off,
    Chime,
    /// The chime, and the number spoken.
    Voice,
}

impl Volume {
    /// The value in the storage of the browser.
    fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Chime => "chime",
            Self::Voice => "voice",
        }
    }

    #[cfg(target_arch = "wasm32")]
    fn next(self) -> Self {
        match self {
            Self::Off => Self::Chime,
            Self::Chime => Self::Voice,
            Self::Voice => Self::Off,
        }
    }
}

/// The sound setting of this device.
#[derive(Clone, Copy, Debug)]
pub struct Sound {
    volume: RwSignal<Volume>,
}

impl Sound {
    /// The setting that the device has kept. It is off on the server.
    pub fn kept(words: Words) -> Self {
        let volume = RwSignal::new(Volume::Off);
        #[cfg(target_arch = "wasm32")]
        Effect::new(move || {
            volume.set(browser::kept());
            browser::listen(move || {
                volume.update(|volume| *volume = volume.next());
                browser::switched(volume.get_untracked(), words);
            });
        });
        #[cfg(not(target_arch = "wasm32"))]
        let _ = words;
        Self { volume }
    }

    /// Plays each call that joins the standing ones.
    pub fn follow(self, standing: Memo<Vec<DisplayRow>>, words: Words) {
        #[cfg(target_arch = "wasm32")]
        Effect::new(move |before: Option<Vec<DisplayRow>>| {
            let now = standing.get();
            // Calls that stood when the page was loaded were heard before.
            let is_new = |call: &&DisplayRow| before.as_ref().is_some_and(|before| !before.contains(call));
            let volume = self.volume.get_untracked();
            for call in now.iter().filter(is_new).filter(|_| volume != Volume::Off) {
                browser::play((volume == Volume::Voice).then(|| words.display().announce(call.number, &call.name)));
            }
            now
        });
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (standing, words);
    }
}

/// The button that switches the sound. Browsers allow sound only after a touch or a key.
#[component]
pub fn SoundButton(sound: Sound, words: Words) -> impl IntoView {
    let volume = sound.volume;
    let label = inner_text(move || {
        let texts = words.display();
        match volume.get() {
            Volume::Off => texts.sound_off(),
            Volume::Chime => texts.sound_chime(),
            Volume::Voice => texts.sound_voice(),
        }
        .to_owned()
    });
    let state = text(move || volume.get().as_str().to_owned());
    view! { <button class="sound" type="button" data-sound=state inner_html=label></button> }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::cell::RefCell;

    use leptos::prelude::{document, window};
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::{AudioContext, SpeechSynthesisUtterance, Storage};

    use super::Volume;
    use crate::words::Words;

    const KEY: &str = "sound";

    /// Frequencies of the chime in hertz, one after the other, and its times in seconds.
    const TONES: [f32; 2] = [659.3, 880.0];
    const TONE_SECONDS: f64 = 0.16;
    const FADE_SECONDS: f64 = 1.2;
    const LOUD: f32 = 0.5;

    thread_local! {
        static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
    }

    /// `None` if the browser blocks storage.
    fn storage() -> Option<Storage> {
        window().local_storage().ok()?
    }

    pub(super) fn kept() -> Volume {
        let kept = storage().and_then(|storage| storage.get_item(KEY).ok()?).unwrap_or_default();
        let all = [Volume::Off, Volume::Chime, Volume::Voice];
        all.into_iter().find(|volume| volume.as_str() == kept).unwrap_or_default()
    }

    /// Calls `switch` whenever the button is pressed. A listener of our own: those of the view would add kilobytes.
    pub(super) fn listen(switch: impl Fn() + 'static) {
        let Ok(Some(button)) = document().query_selector(".sound") else { return };
        let listener = Closure::<dyn Fn()>::new(switch);
        let _ = button.add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
        // The page has its button until it is unloaded.
        listener.forget();
    }

    /// Keeps the setting and lets it be heard.
    pub(super) fn switched(volume: Volume, words: Words) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(KEY, volume.as_str());
        }
        if volume != Volume::Off {
            let texts = words.display();
            play((volume == Volume::Voice).then(|| texts.sound_voice().to_owned()));
        }
    }

    /// Plays the chime and speaks the words. A browser without sound stays silent.
    pub(super) fn play(words: Option<String>) {
        CONTEXT.with_borrow_mut(|context| {
            if context.is_none() {
                *context = AudioContext::new().ok();
            }
            if let Some(context) = context {
                let _ = chime(context);
            }
        });
        if let (Some(words), Ok(speech)) = (words, window().speech_synthesis())
            && let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(&words)
        {
            utterance.set_lang(&crate::shell::root_attribute("lang"));
            speech.speak(&utterance);
        }
    }

    fn chime(context: &AudioContext) -> Result<(), JsValue> {
        // A page that nobody has touched is suspended, and again after the device slept.
        let _ = context.resume()?;
        let mut at = context.current_time();
        for tone in TONES {
            let (oscillator, volume) = (context.create_oscillator()?, context.create_gain()?);
            oscillator.frequency().set_value(tone);
            volume.gain().set_value_at_time(LOUD, at)?;
            volume.gain().exponential_ramp_to_value_at_time(0.001, at + FADE_SECONDS)?;
            oscillator.connect_with_audio_node(&volume)?;
            volume.connect_with_audio_node(&context.destination())?;
            oscillator.start_with_when(at)?;
            oscillator.stop_with_when(at + FADE_SECONDS)?;
            at += TONE_SECONDS;
        }
        Ok(())
    }
}
