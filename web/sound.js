// Plays what the game has rendered: short sounds, and the drone, through the browser's own mixer.
//
// The game hands over samples, never files: nothing is fetched. Browsers allow sound after a first gesture; what comes
// before is not played, and not later either. While the page is hidden, and while there is nothing to hear, the mixer
// sleeps. Where there is no sound device, or no Web Audio, all of it stays silent without a word.

/** Most sounds at once; the oldest goes for a new one. */
const VOICES = 24;
/** Milliseconds without anything to hear after which the mixer sleeps. */
const REST = 3000;
/** Seconds in which what is cut off fades, so that it does not click. */
const CUT = 0.012;
/** Seconds in which the drone goes most of the way to another loudness or pitch. */
const GLIDE = 0.5;
/** What may be the first gesture. Fingers count when they are lifted. */
const GESTURES = ["pointerdown", "pointerup", "keydown", "touchend", "click"];

const within = (least, value, most) => Math.min(most, Math.max(least, Number(value) || 0));

/** Gives the page its ears: `page` is labyrinthPage. */
export function wireSound(page) {
    const Mixer = globalThis.AudioContext ?? globalThis.webkitAudioContext;
    /** Name -> its samples, as the mixer wants them. */
    const kept = new Map();
    /** Sounds that play or wait to: source -> its nodes. */
    const voices = new Map();
    /** What the game last wanted of the drone; it begins when it can. */
    const wanted = { name: "", gain: 0, rate: 1 };
    let context = null;
    let limiter, house, drone, analyser, resting;
    let broken = !Mixer || typeof AudioBuffer !== "function";
    let played = 0;

    /** Does something to the mixer; a mixer that breaks is not used again. */
    const attempt = (action) => {
        if (broken) return;
        try {
            action();
        } catch (error) {
            broken = true;
            console.info(`no sound: ${error?.message ?? error}`);
        }
    };
    const settle = (promise) => promise?.catch?.(() => {});
    const awake = () => context && document.visibilityState !== "hidden";

    /** What comes after a cut goes through a new gain; what went through the old one fades with it. */
    const open = () => {
        house = context.createGain();
        house.connect(limiter);
    };

    const build = () => {
        context = new Mixer({ latencyHint: "interactive" });
        // Many sounds at once are pressed together instead of cracking.
        limiter = context.createDynamicsCompressor();
        limiter.threshold.value = -6;
        limiter.knee.value = 6;
        limiter.ratio.value = 12;
        limiter.attack.value = 0.002;
        limiter.release.value = 0.1;
        limiter.connect(context.destination);
        open();
        hum();
    };

    /** Sleeps soon, unless there is something to hear then. */
    const rest = () => {
        clearTimeout(resting);
        resting = setTimeout(() => {
            if (context?.state === "running" && voices.size === 0 && wanted.gain === 0) settle(context.suspend());
        }, REST);
    };

    const wake = () => {
        if (awake() && context.state !== "running" && context.state !== "closed") settle(context.resume());
        rest();
    };

    /** Brings the drone to what is wanted of it. */
    const hum = () => {
        const buffer = kept.get(wanted.name);
        if (!context || !buffer) return;
        if (!drone) {
            if (wanted.gain === 0) return;
            const source = context.createBufferSource();
            source.buffer = buffer;
            source.loop = true;
            const gain = context.createGain();
            const pause = context.createGain();
            gain.gain.value = 0;
            source.connect(gain).connect(pause).connect(limiter);
            source.start();
            drone = { source, gain: gain.gain, pause: pause.gain };
        }
        const now = context.currentTime;
        drone.gain.setTargetAtTime(wanted.gain, now, GLIDE);
        drone.source.playbackRate.setTargetAtTime(wanted.rate, now, GLIDE);
        if (wanted.gain > 0) wake();
    };

    const drop = (source) => {
        for (const node of voices.get(source) ?? []) node.disconnect();
        voices.delete(source);
    };

    /** Takes the samples of a sound: whole numbers of 16 bits, one channel. */
    page.soundKeep = (name, samples, rate) =>
        attempt(() => {
            const buffer = new AudioBuffer({ length: samples.length, numberOfChannels: 1, sampleRate: rate });
            const channel = buffer.getChannelData(0);
            for (let at = 0; at < samples.length; at += 1) channel[at] = samples[at] / 32768;
            kept.set(name, buffer);
        });

    /** Plays a sound that was kept: in so many milliseconds, how loud (0 to 1), from which side (-1 to 1), how fast. */
    page.soundPlay = (name, delay, loudness, side, rate) =>
        attempt(() => {
            const buffer = kept.get(name);
            if (!awake() || !buffer) return;
            wake();
            if (voices.size >= VOICES) {
                const [oldest] = voices.keys();
                oldest.stop();
                drop(oldest);
            }
            const source = context.createBufferSource();
            const gain = context.createGain();
            const pan = context.createStereoPanner?.();
            source.buffer = buffer;
            source.playbackRate.value = within(0.1, rate, 8);
            gain.gain.value = within(0, loudness, 1);
            source.connect(gain);
            if (pan) {
                pan.pan.value = within(-1, side, 1);
                gain.connect(pan).connect(house);
            } else gain.connect(house);
            voices.set(source, pan ? [source, gain, pan] : [source, gain]);
            source.onended = () => {
                drop(source);
                rest();
            };
            source.start(context.currentTime + within(0, delay, 10_000) / 1000);
            played += 1;
        });

    /** Brings the drone to this loudness (0 to 1) and speed, little by little. */
    page.soundDrone = (name, loudness, rate) =>
        attempt(() => {
            Object.assign(wanted, { name, gain: within(0, loudness, 1), rate: within(0.1, rate, 8) });
            hum();
            rest();
        });

    /** Cuts off what sounds, and the drone for so many milliseconds. */
    page.soundSilence = (time) =>
        attempt(() => {
            if (!context) return;
            const now = context.currentTime;
            const old = house;
            old.gain.setTargetAtTime(0, now, CUT / 3);
            // What waits must not come late; what sounds ends within the fade.
            for (const source of voices.keys()) source.stop(now + CUT);
            setTimeout(() => old.disconnect(), 1000);
            open();
            if (drone) {
                drone.pause.cancelScheduledValues(now);
                drone.pause.setTargetAtTime(0, now, CUT / 3);
                drone.pause.setTargetAtTime(1, now + within(0, time, 10_000) / 1000, GLIDE);
            }
        });

    /** How it stands, for whoever looks into it: the mixer's state, sounds kept, played and playing, how loud it is now. */
    Object.defineProperty(page, "sound", {
        enumerable: true,
        get: () => {
            let level = 0;
            attempt(() => {
                if (!context) return;
                if (!analyser) {
                    analyser = context.createAnalyser();
                    limiter.connect(analyser);
                }
                const wave = new Float32Array(analyser.fftSize);
                analyser.getFloatTimeDomainData(wave);
                level = Math.sqrt(wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length);
            });
            const state = broken ? "none" : (context?.state ?? "waiting");
            return { state, kept: kept.size, played, playing: voices.size, drone: wanted.gain, level };
        },
    });

    const gesture = () =>
        attempt(() => {
            // Asked for too early the mixer would not start, and the browser would complain.
            if (!context && (navigator.userActivation?.hasBeenActive ?? true)) build();
            // A phone call or another page may have put it to sleep since.
            if (context && context.state !== "running" && (voices.size > 0 || wanted.gain > 0)) wake();
        });
    for (const type of GESTURES) addEventListener(type, gesture, { capture: true, passive: true });

    document.addEventListener("visibilitychange", () =>
        attempt(() => {
            if (!context) return;
            if (document.visibilityState === "hidden") settle(context.suspend());
            else if (voices.size > 0 || wanted.gain > 0) wake();
        }),
    );
}
