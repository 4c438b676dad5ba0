//! Sound on a desktop: a thread that opens the loudspeaker, makes the samples and hands them to it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use cpal::traits::{DeviceTrait as _, HostTrait as _, StreamTrait as _};
use cpal::{FromSample, SampleFormat, SizedSample, Stream, StreamConfig};

use super::Speaker;
use crate::sound::{Cue, Cues, Desk, Drone, Note, render};

/// What the game wants.
enum Order {
    Play(Note),
    Drone(Drone),
    Silence(u32),
}

/// The same with the samples, for the loudspeaker.
enum Sounding {
    Play(Arc<[i16]>, Note),
    Drone(Arc<[i16]>, Drone),
    Silence(u32),
}

/// The loudspeaker, or none.
pub(super) struct Device(Option<Sender<Order>>);

impl Device {
    /// Opens the loudspeaker in the background; nothing waits for it.
    pub(super) fn new(cues: Arc<Cues>) -> Self {
        if !may_have_a_device() {
            return Self(None);
        }
        let (orders, taken) = mpsc::channel();
        let thread = thread::Builder::new().name("sound".into());
        // Where no thread can start, or no device opens, orders go nowhere and the game is silent.
        let started = thread.spawn(move || serve(&cues, &taken));
        Self(started.is_ok().then_some(orders))
    }

    fn order(&mut self, order: Order) {
        // Nobody listens any more: there is no device.
        if self
            .0
            .as_ref()
            .is_some_and(|orders| orders.send(order).is_err())
        {
            self.0 = None;
        }
    }
}

impl Speaker for Device {
    fn play(&mut self, note: Note) {
        self.order(Order::Play(note));
    }

    fn drone(&mut self, drone: Drone) {
        self.order(Order::Drone(drone));
    }

    fn silence(&mut self, ms: u32) {
        self.order(Order::Silence(ms));
    }
}

/// False where there is surely none. On Linux the system's library writes lines to standard error when it is asked to
/// open what is not there, so it is not asked.
fn may_have_a_device() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let served = set("XDG_RUNTIME_DIR").is_some_and(|folder| {
        let folder = Path::new(&folder);
        folder.join("pulse/native").exists() || folder.join("pipewire-0").exists()
    });
    let card = || {
        std::fs::read_dir("/proc/asound").is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                let name = entry.file_name();
                let number = name.to_str().and_then(|name| name.strip_prefix("card"));
                number.is_some_and(|number| number.parse::<u32>().is_ok())
            })
        })
    };
    set("PULSE_SERVER").is_some() || served || card()
}

/// Serves the loudspeaker until the game ends.
fn serve(cues: &Cues, orders: &Receiver<Order>) {
    let (sounding, wanted) = mpsc::channel();
    // It plays for as long as it is held.
    let Some(_stream) = open(wanted) else {
        return;
    };
    let mut made: BTreeMap<(Cue, u32), Arc<[i16]>> = BTreeMap::new();
    let mut samples = |cue, variation| {
        made.entry((cue, variation))
            .or_insert_with(|| render(cues.recipe(cue), variation).into())
            .clone()
    };
    for order in orders {
        let next = match order {
            Order::Play(note) => Sounding::Play(samples(note.cue, note.variation), note),
            Order::Drone(drone) => Sounding::Drone(samples(Cue::Drone, 0), drone),
            Order::Silence(ms) => Sounding::Silence(ms),
        };
        if sounding.send(next).is_err() {
            return;
        }
    }
}

/// Opens the loudspeaker as the system has it set; nothing if there is none.
fn open(wanted: Receiver<Sounding>) -> Option<Stream> {
    let device = cpal::default_host().default_output_device()?;
    let supported = device.default_output_config().ok()?;
    let format = supported.sample_format();
    let config = supported.config();
    let stream = match format {
        SampleFormat::F32 => play::<f32>(&device, &config, wanted),
        SampleFormat::I16 => play::<i16>(&device, &config, wanted),
        SampleFormat::I32 => play::<i32>(&device, &config, wanted),
        SampleFormat::U16 => play::<u16>(&device, &config, wanted),
        SampleFormat::U8 => play::<u8>(&device, &config, wanted),
        _ => None,
    }?;
    stream.play().ok()?;
    Some(stream)
}

/// Starts playing in a format of samples.
fn play<T>(
    device: &cpal::Device,
    config: &StreamConfig,
    wanted: Receiver<Sounding>,
) -> Option<Stream>
where
    T: SizedSample + FromSample<i16>,
{
    let mut desk = Desk::new(config.sample_rate);
    let channels = usize::from(config.channels.max(1));
    let fill = move |out: &mut [T], _: &cpal::OutputCallbackInfo| {
        for next in wanted.try_iter() {
            match next {
                Sounding::Play(samples, note) => desk.play(samples, &note),
                Sounding::Drone(samples, drone) => desk.drone(samples, drone),
                Sounding::Silence(ms) => desk.silence(ms),
            }
        }
        for frame in out.chunks_mut(channels) {
            let [left, right] = desk.frame();
            match frame {
                [only] => *only = T::from_sample(left / 2 + right / 2),
                [first, second, rest @ ..] => {
                    *first = T::from_sample(left);
                    *second = T::from_sample(right);
                    rest.fill(T::EQUILIBRIUM);
                }
                [] => {}
            }
        }
    };
    // A device that is unplugged falls silent.
    device.build_output_stream(config, fill, |_| {}, None).ok()
}
