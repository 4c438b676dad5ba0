//! The title: the name, what one can do, and a quiet labyrinth that an allocator remakes behind it.

pub(super) mod backdrop;
mod keypad;

use bevy::prelude::*;

use super::input::{Fingers, Intent};
use super::menu::{self, EntryText, child};
use super::panel::Layout;
use super::prefs::{Dress, Prefs};
use super::session::Session;
use super::theme::{self, Fonts, Ink, Size};
use super::{Screen, Stage};
use crate::labyrinth::Dir;
use crate::phrases::Phrase;
use crate::profile::{Chosen, Outfit};
use crate::raid::Item;
use crate::settings::Action;

/// Digits of the largest seed a person can type.
const DIGITS: usize = 9;
/// Logical pixels across the list of entries, and across that of zones and items.
const LIST: i32 = 300;
const WIDE_LIST: i32 = 400;

/// What the title offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The raid that was left unfinished.
    Continue,
    /// The raid that a link or an option asked for.
    Asked,
    /// The raid that newcomers are led through.
    First,
    /// A raid with a fresh seed.
    New,
    /// A raid with a seed that is typed.
    Seed,
    /// A raid in a zone and with a kit that are chosen.
    Outfit,
    /// The raid that was got ready.
    Ready,
    /// An item for a block of the stash.
    Buy(Item),
    /// The lessons.
    Learn,
    /// The sandbox.
    Sandbox,
    /// What a real machine left behind.
    Find,
    /// The settings.
    Settings,
    /// How to play.
    Help,
    /// What the words mean.
    Codex,
    /// Out of the game.
    Quit,
}

impl Choice {
    /// What it says, and the action that chooses it.
    const fn words(self) -> (Phrase, Option<Action>) {
        match self {
            Self::Continue => (Phrase::Continue, Some(Action::Continue)),
            Self::Asked => (Phrase::Asked, None),
            Self::First => (Phrase::FirstRaid, None),
            Self::New => (Phrase::NewRaid, Some(Action::NewRaid)),
            Self::Seed => (Phrase::Seed, None),
            Self::Outfit => (Phrase::Outfit, Some(Action::Outfit)),
            Self::Ready | Self::Buy(_) => (Phrase::Begin, None),
            Self::Learn => (Phrase::Learn, None),
            Self::Sandbox => (Phrase::TitleSandbox, None),
            Self::Find => (Phrase::TitleFind, None),
            Self::Settings => (Phrase::Settings, Some(Action::Settings)),
            Self::Help => (Phrase::Help, Some(Action::Help)),
            Self::Codex => (Phrase::Codex, Some(Action::Codex)),
            Self::Quit => (Phrase::Quit, Some(Action::Quit)),
        }
    }
}

/// The entries of the title, and the seed that is being typed.
#[derive(Resource, Debug, Clone, PartialEq, Eq)]
pub(super) struct TitleMenu {
    /// The entry that is marked.
    pub at: u8,
    /// The digits typed so far, while a seed is being typed.
    pub seed: Option<String>,
    /// The last digit was chosen by directions, which change it still.
    dialled: bool,
    /// What is being chosen for a raid; the list shows that instead.
    pub outfit: Option<Outfit>,
    choices: Vec<Choice>,
    /// Zone and seed of the raid that was asked for.
    asked: String,
    /// An entry that would give up the unfinished raid, chosen once.
    sure: Option<Choice>,
}

impl Default for TitleMenu {
    fn default() -> Self {
        Self::new(false, false, false)
    }
}

impl TitleMenu {
    /// The entries there are; `unfinished` if a raid waits to be continued, `asked` if another was asked for,
    /// `first` for who has brought nothing home yet.
    pub(super) fn new(unfinished: bool, asked: bool, first: bool) -> Self {
        let mut choices = vec![
            Choice::New,
            Choice::Seed,
            Choice::Outfit,
            Choice::Learn,
            Choice::Sandbox,
            Choice::Find,
            Choice::Settings,
            Choice::Help,
            Choice::Codex,
        ];
        if first {
            choices.insert(0, Choice::First);
        }
        if asked {
            choices.insert(0, Choice::Asked);
        }
        if unfinished {
            choices.insert(0, Choice::Continue);
        }
        // A page is left as pages are.
        if cfg!(not(target_family = "wasm")) {
            choices.push(Choice::Quit);
        }
        Self {
            at: 0,
            seed: None,
            dialled: false,
            outfit: None,
            choices,
            asked: String::new(),
            sure: None,
        }
    }

    /// What the entries say, and the keys that choose them.
    pub(super) fn entries(&self, prefs: &Prefs) -> Vec<(String, String)> {
        if let Some(outfit) = &self.outfit {
            let lines = outfit.lines().into_iter();
            return lines.map(|line| (line, String::new())).collect();
        }
        let text = |&choice: &Choice| {
            let (phrase, action) = choice.words();
            let say = |phrase| prefs.say(phrase).to_string();
            let key = match (choice, action) {
                (Choice::Seed, _) => "0-9".to_string(),
                (Choice::Asked, _) => self.asked.clone(),
                (_, Some(action)) => prefs.keys.label(action),
                _ => String::new(),
            };
            match (choice, &self.seed) {
                _ if self.sure == Some(choice) => (say(Phrase::GiveUpOther), say(Phrase::Again)),
                (Choice::Seed, Some(seed)) => {
                    let typed = [("digits", seed.as_str())];
                    (prefs.words.fill(Phrase::SeedTyped, &typed), key)
                }
                _ => (say(phrase), key),
            }
        };
        self.choices.iter().map(text).collect()
    }

    /// The seed that was typed, if any digit was.
    pub(super) fn typed(&self) -> Option<u64> {
        self.seed.as_ref()?.parse().ok()
    }

    /// More about the marked entry.
    pub(super) fn note(&self) -> Option<String> {
        self.outfit.as_ref()?.note(self.at)
    }

    /// What the list shows.
    fn page(&self) -> Page {
        match &self.outfit {
            None => Page::Choices,
            Some(outfit) if outfit.is_turned() => Page::Challenges,
            Some(_) => Page::Outfit,
        }
    }

    /// Shows what can be chosen for a raid, with the entry that begins it marked.
    pub(super) fn get_ready(&mut self, outfit: Outfit) {
        self.at = outfit.start_at();
        self.seed = None;
        self.dialled = false;
        self.sure = None;
        self.outfit = Some(outfit);
    }

    /// Takes an input while a raid is got ready.
    fn take_outfit(&mut self, intent: Intent) -> Option<Choice> {
        let outfit = self.outfit.as_mut()?;
        let count = outfit.count();
        let chosen = match intent {
            // The wheel passes entries, and goes round no end.
            Intent::ZoomIn | Intent::ZoomOut => {
                self.at = if intent == Intent::ZoomIn {
                    self.at.saturating_sub(1)
                } else {
                    (self.at + 1).min(count - 1)
                };
                outfit.hesitate();
                return None;
            }
            Intent::Go(dir @ (Dir::North | Dir::South)) => {
                let by = if dir == Dir::North { count - 1 } else { 1 };
                self.at = (self.at + by) % count;
                outfit.hesitate();
                return None;
            }
            Intent::Confirm | Intent::Wait => outfit.choose(self.at),
            Intent::Entry(entry) => {
                let entry = entry.min(count - 1);
                if entry != self.at {
                    outfit.hesitate();
                }
                self.at = entry;
                outfit.choose(entry)
            }
            Intent::NewSeed => Chosen::Start,
            Intent::Escape => outfit.back(),
            _ => return None,
        };
        match chosen {
            Chosen::Noted => None,
            Chosen::Turned => {
                self.at = 0;
                None
            }
            Chosen::Buy(item) => Some(Choice::Buy(item)),
            Chosen::Start => Some(Choice::Ready),
            Chosen::Back => {
                self.outfit = None;
                self.at = self.place_of(Choice::Outfit);
                None
            }
        }
    }

    /// Takes an input; a choice comes back if one was made.
    pub(super) fn take(&mut self, intent: Intent) -> Option<Choice> {
        if self.outfit.is_some() {
            return self.take_outfit(intent);
        }
        let count = self.choices.len() as u8;
        match intent {
            Intent::Go(dir) if self.dial(dir) => {}
            Intent::Go(Dir::North) => self.go(count - 1),
            Intent::Go(Dir::South) => self.go(1),
            // The wheel and a finger that pushes go round no end.
            Intent::ZoomIn if self.at > 0 => self.go(count - 1),
            Intent::ZoomOut if self.at + 1 < count => self.go(1),
            Intent::Digit(digit) => {
                self.dialled = false;
                self.at = self.place_of(Choice::Seed);
                let seed = self.seed.get_or_insert_default();
                if seed.len() < DIGITS {
                    seed.push(char::from(b'0' + digit));
                }
            }
            Intent::Erase => {
                if let Some(seed) = &mut self.seed {
                    seed.pop();
                }
            }
            Intent::Escape => {
                self.seed = None;
                self.dialled = false;
                self.sure = None;
            }
            Intent::Confirm | Intent::Wait => return self.choose(self.at),
            Intent::Entry(entry) => {
                self.at = entry.min(count - 1);
                return self.choose(self.at);
            }
            Intent::NewSeed => return self.choose(self.place_of(Choice::New)),
            Intent::Explore => return self.choose(self.place_of(Choice::Outfit)),
            Intent::Resume if self.choices.contains(&Choice::Continue) => {
                return Some(Choice::Continue);
            }
            Intent::Settings => return Some(Choice::Settings),
            Intent::Quit if self.seed.is_none() && self.choices.contains(&Choice::Quit) => {
                return Some(Choice::Quit);
            }
            _ => {}
        }
        None
    }

    /// A seed by directions alone: to the right one digit more, up and down another in its place.
    fn dial(&mut self, dir: Dir) -> bool {
        if self.at != self.place_of(Choice::Seed) {
            return false;
        }
        let digits = self.seed.as_ref().map_or(0, String::len);
        match dir {
            Dir::East if digits < DIGITS => {
                self.seed.get_or_insert_default().push('0');
                self.dialled = true;
            }
            Dir::West if digits > 0 => {
                if let Some(seed) = &mut self.seed {
                    seed.pop();
                }
                self.dialled = digits > 1;
            }
            Dir::North | Dir::South if self.dialled => {
                if let Some(seed) = &mut self.seed
                    && let Some(digit) = seed.pop().and_then(|digit| digit.to_digit(10))
                {
                    let by = if dir == Dir::North { 1 } else { 9 };
                    seed.extend(char::from_digit((digit + by) % 10, 10));
                }
            }
            _ => return false,
        }
        true
    }

    fn place_of(&self, choice: Choice) -> u8 {
        let place = self.choices.iter().position(|&other| other == choice);
        place.unwrap_or(0) as u8
    }

    fn go(&mut self, by: u8) {
        self.at = (self.at + by) % self.choices.len() as u8;
        self.seed = None;
        self.dialled = false;
        self.sure = None;
    }

    fn choose(&mut self, entry: u8) -> Option<Choice> {
        let choice = self.choices[usize::from(entry)];
        if choice == Choice::Seed && self.typed().is_none() {
            self.seed.get_or_insert_default();
            return None;
        }
        let gives_up = self.choices.contains(&Choice::Continue)
            && matches!(
                choice,
                Choice::Asked | Choice::First | Choice::New | Choice::Seed | Choice::Outfit
            );
        if gives_up && self.sure != Some(choice) {
            self.at = entry;
            self.sure = Some(choice);
            return None;
        }
        Some(choice)
    }
}

/// The list of entries: which one, the first entry that is shown, how many are, and in how many columns.
#[derive(Component, Debug, PartialEq, Eq)]
struct List {
    page: Page,
    first: usize,
    many: usize,
    columns: usize,
}

/// Height of an entry, for a mouse and for fingers, and of all but the list.
const ROW: [f32; 2] = [26.0, 44.0];
const REST: f32 = 290.0;

impl List {
    /// What there is room for, with the marked entry in sight.
    fn of(menu: &TitleMenu, count: usize, layout: &Layout, fingers: Fingers) -> Self {
        let page = menu.page();
        // A list of many is told apart by mouse and finger with less room between its entries.
        let height = ROW[usize::from(fingers.0 && page == Page::Choices)];
        let room = (layout.window.y / layout.scale - REST) / height;
        let rows = room.max(4.0) as usize;
        // In a wide window that is low, as a phone held sideways, the entries stand side by side.
        let wide = layout.window.x / layout.scale >= 2.0 * LIST as f32 + 140.0;
        let columns = if rows < count && wide && page == Page::Choices {
            2
        } else {
            1
        };
        let many = (rows * columns).min(count);
        let first = usize::from(menu.at)
            .saturating_sub(many / 2)
            .min(count - many);
        Self {
            page,
            first,
            many,
            columns,
        }
    }

    /// The node of the list.
    fn node(&self) -> Node {
        let width = if self.page == Page::Choices {
            LIST
        } else {
            WIDE_LIST
        };
        Node {
            width: px(width * self.columns as i32),
            max_width: percent(100),
            margin: UiRect::top(px(22)),
            flex_shrink: 0.0,
            ..default()
        }
    }

    /// Puts the entries that are shown into the list, column by column.
    fn fill(
        &self,
        commands: &mut Commands<'_, '_>,
        fonts: &Fonts,
        fingers: Fingers,
        list: Entity,
        texts: &[(String, String)],
    ) {
        // A list of many is told apart by mouse and finger with less room between its entries.
        let fingers = Fingers(fingers.0 && self.page == Page::Choices);
        let rows = self.many.div_ceil(self.columns).max(1);
        let shown: Vec<_> = texts
            .iter()
            .enumerate()
            .skip(self.first)
            .take(self.many)
            .collect();
        for entries in shown.chunks(rows) {
            let column = Node {
                flex_direction: FlexDirection::Column,
                flex_grow: 1.0,
                flex_basis: px(0),
                ..default()
            };
            let column = child(commands, list, column);
            for &(place, (text, key)) in entries {
                menu::entry(commands, fonts, fingers, column, place as u8, text, key);
            }
        }
    }
}

/// What the list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// What one can do.
    Choices,
    /// Zones and items.
    Outfit,
    /// Challenges.
    Challenges,
}

/// More about the marked entry.
#[derive(Component, Debug)]
struct Note;

/// Finds out what there is to offer.
pub(super) fn offer(session: Res<Session>, mut menu: ResMut<TitleMenu>) {
    *menu = TitleMenu::new(
        session.unfinished().is_some(),
        session.asked_for.is_some(),
        session.is_new(),
    );
    if let Some(setup) = &session.asked_for {
        menu.asked = format!("{} {}", setup.zone, setup.seed);
    }
}

/// The whole title.
#[derive(Component)]
struct Sheet;

fn spawn(
    mut commands: Commands,
    fonts: Res<Fonts>,
    session: Res<Session>,
    menu: Res<TitleMenu>,
    fingers: Res<Fingers>,
    prefs: Res<Prefs>,
    layout: Res<Layout>,
    old: Query<Entity, With<Sheet>>,
) {
    for sheet in &old {
        commands.entity(sheet).despawn();
    }
    let root = commands
        .spawn((
            DespawnOnExit(Screen::Title),
            Sheet,
            Node {
                width: percent(100),
                height: percent(100),
                justify_content: JustifyContent::Center,
                align_items: AlignItems::Center,
                ..default()
            },
        ))
        .id();
    let sheet = child(
        &mut commands,
        root,
        (
            Node {
                flex_direction: FlexDirection::Column,
                align_items: AlignItems::Center,
                padding: UiRect::axes(px(56), px(34)),
                max_width: percent(100),
                row_gap: px(6),
                border: UiRect::all(px(1)),
                ..default()
            },
            BackgroundColor(theme::ground().with_alpha(0.92)),
            BorderColor::all(theme::hairline()),
        ),
    );
    child(
        &mut commands,
        sheet,
        (
            Text::new("VOID LABYRINTH"),
            fonts.font(true, theme::STEPS[4]),
            TextColor(Ink::White.color()),
            TextLayout::no_wrap(),
        ),
    );
    for line in [Phrase::Motto, Phrase::Pitch] {
        let line = child(
            &mut commands,
            sheet,
            fonts.paragraph(Size::Body, Ink::Plain, prefs.say(line)),
        );
        commands
            .entity(line)
            .insert(TextLayout::justify(Justify::Center));
    }
    let texts = menu.entries(&prefs);
    let rows = List::of(&menu, texts.len(), &layout, *fingers);
    let list = child(&mut commands, sheet, rows.node());
    rows.fill(&mut commands, &fonts, *fingers, list, &texts);
    commands.entity(list).insert(rows);
    keypad::spawn(&mut commands, &fonts, sheet);
    let note = child(
        &mut commands,
        sheet,
        fonts.paragraph(Size::Body, Ink::Plain, ""),
    );
    commands.entity(note).insert((
        Note,
        Node {
            max_width: px(WIDE_LIST),
            ..default()
        },
    ));
    // What went wrong outside the rules: a link that leads nowhere, a profile that cannot be kept.
    if let Some(problem) = &session.problem {
        let line = child(
            &mut commands,
            sheet,
            fonts.paragraph(Size::Body, Ink::Orange, &format!("! {problem}")),
        );
        commands.entity(line).insert(Node {
            max_width: px(420),
            margin: UiRect::top(px(12)),
            ..default()
        });
    }
    if !prefs.settings.hints.0 {
        return;
    }
    let hint = child(
        &mut commands,
        sheet,
        fonts.line(
            Size::Small,
            false,
            Ink::Dim,
            prefs.say(if fingers.0 {
                Phrase::HintTap
            } else {
                Phrase::HintKeys
            }),
        ),
    );
    commands.entity(hint).insert(Node {
        margin: UiRect::top(px(18)),
        ..default()
    });
}

/// Puts other entries into the list when a raid is got ready, or no longer is.
fn change_list(
    mut commands: Commands,
    fonts: Res<Fonts>,
    fingers: Res<Fingers>,
    menu: Res<TitleMenu>,
    prefs: Res<Prefs>,
    layout: Res<Layout>,
    mut lists: Query<(Entity, &mut List, &mut Node)>,
) {
    let texts = menu.entries(&prefs);
    for (list, mut shown, mut node) in &mut lists {
        let rows = List::of(&menu, texts.len(), &layout, *fingers);
        if *shown == rows {
            continue;
        }
        *node = rows.node();
        commands.entity(list).despawn_related::<Children>();
        rows.fill(&mut commands, &fonts, *fingers, list, &texts);
        *shown = rows;
    }
}

/// Shows more about the marked entry.
fn show_note(menu: Res<TitleMenu>, mut notes: Query<&mut Text, With<Note>>) {
    if !menu.is_changed() {
        return;
    }
    let wanted = menu.note().unwrap_or_default();
    for mut text in &mut notes {
        if text.0 != wanted {
            text.0.clone_from(&wanted);
        }
    }
}

/// Shows the digits as they are typed.
fn type_seed(menu: Res<TitleMenu>, prefs: Res<Prefs>, mut texts: Query<(&EntryText, &mut Text)>) {
    if !menu.is_changed() {
        return;
    }
    let entries = menu.entries(&prefs);
    for (entry, mut text) in &mut texts {
        if let Some((wanted, _)) = entries.get(usize::from(entry.0))
            && text.0 != *wanted
        {
            text.0.clone_from(wanted);
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins((backdrop::plugin, keypad::plugin))
        .add_systems(OnEnter(Screen::Title), spawn.after(offer))
        .add_systems(
            Update,
            (
                spawn.run_if(resource_changed::<Dress>),
                change_list,
                type_seed,
                show_note,
            )
                .chain()
                .in_set(Stage::Draw)
                .run_if(in_state(Screen::Title)),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_in_sight_also_on_a_phone_held_sideways() {
        let menu = TitleMenu::new(true, false, true);
        let count = menu.choices.len();
        for (size, fingers, columns) in [
            ((1280.0, 720.0), false, 1),
            ((1280.0, 720.0), true, 2),
            ((844.0, 390.0), true, 2),
            ((390.0, 844.0), true, 1),
            ((640.0, 360.0), false, 2),
        ] {
            let size = Vec2::from(size);
            let layout = Layout::of(size, 384.0, fingers, 1.0, 0);
            let list = List::of(&menu, count, &layout, Fingers(fingers));
            assert_eq!((list.first, list.many), (0, count), "{size}");
            assert_eq!(list.columns, columns, "{size}");
        }
    }

    #[test]
    fn digits_make_a_seed_and_enter_takes_it() {
        let mut menu = TitleMenu::default();
        for digit in [4, 2, 7] {
            assert_eq!(menu.take(Intent::Digit(digit)), None);
        }
        assert_eq!(menu.take(Intent::Erase), None);
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::Seed));
        assert_eq!(menu.typed(), Some(42));
    }

    #[test]
    fn a_seed_can_be_dialled_by_directions_alone() {
        use Dir::{East, North, South, West};
        let mut menu = TitleMenu::default();
        let go = |menu: &mut TitleMenu, dirs: &[Dir]| {
            for &dir in dirs {
                assert_eq!(menu.take(Intent::Go(dir)), None);
            }
        };
        go(
            &mut menu,
            &[South, East, North, North, East, East, South, West],
        );
        assert_eq!(menu.typed(), Some(20));
        go(&mut menu, &[South]);
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::Seed));
        assert_eq!(menu.typed(), Some(29));
        // Without digits the directions go on through the list.
        go(&mut menu, &[West, West, South]);
        assert_eq!((menu.seed.clone(), menu.at), (None, 2));
    }

    #[test]
    fn a_seed_has_at_most_the_digits_that_can_be_shared() {
        let mut menu = TitleMenu::default();
        for _ in 0..40 {
            menu.take(Intent::Digit(9));
        }
        assert_eq!(menu.typed(), Some(crate::raid::MAX_SEED));
    }

    #[test]
    fn choosing_a_seed_without_digits_waits_for_them() {
        let mut menu = TitleMenu::default();
        assert_eq!(menu.take(Intent::Entry(1)), None);
        assert_eq!(menu.seed.as_deref(), Some(""));
        assert_eq!(menu.take(Intent::Confirm), None);
        menu.take(Intent::Escape);
        assert_eq!(menu.seed, None);
    }

    #[test]
    fn an_unfinished_raid_is_given_up_only_when_asked_twice() {
        let mut menu = TitleMenu::new(true, true, false);
        assert_eq!(menu.take(Intent::NewSeed), None);
        assert_eq!(
            menu.entries(&Prefs::new(&crate::settings::Settings::default()))[2].0,
            "Give the other raid up?"
        );
        menu.take(Intent::Escape);
        assert_eq!(menu.take(Intent::NewSeed), None);
        assert_eq!(menu.take(Intent::NewSeed), Some(Choice::New));
        assert_eq!(menu.take(Intent::Entry(1)), None);
        assert_eq!(menu.take(Intent::Entry(1)), Some(Choice::Asked));
    }

    #[test]
    fn a_raid_is_got_ready_and_begun_by_keys() {
        let rules = crate::raid::Rules::shipped().expect("the shipped rules are sound");
        let profile = crate::profile::Profile::default();
        let outfit = || Outfit::new(&rules, &profile, "dma", &crate::raid::Loadout::default());
        let prefs = Prefs::new(&crate::settings::Settings::default());
        let mut menu = TitleMenu::default();
        assert_eq!(menu.take(Intent::Explore), Some(Choice::Outfit));
        menu.get_ready(outfit());
        assert!(
            menu.entries(&prefs)[usize::from(menu.at)]
                .0
                .starts_with("Begin")
        );
        let item = rules.zones.len() as u8;
        assert_eq!(menu.take(Intent::Entry(item)), None);
        let kit = menu.outfit.as_ref().map(Outfit::loadout);
        assert!(kit.is_some_and(|kit| !kit.is_empty()));
        assert!(menu.note().is_some());
        assert_eq!(menu.take(Intent::NewSeed), Some(Choice::Ready));
        menu.take(Intent::Escape);
        assert_eq!((menu.outfit.clone(), menu.typed()), (None, None));
        assert_eq!(menu.entries(&prefs)[usize::from(menu.at)].0, "Zone and kit");
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::Outfit));
    }

    #[test]
    fn who_is_new_is_led_through_a_first_raid_unless_another_waits() {
        let mut menu = TitleMenu::new(false, false, true);
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::First));
        let mut menu = TitleMenu::new(true, false, true);
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::Continue));
        menu.take(Intent::Go(Dir::South));
        assert_eq!(menu.take(Intent::Confirm), None, "it would be given up");
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::First));
    }

    #[test]
    fn the_arrows_go_round() {
        let mut menu = TitleMenu::default();
        menu.take(Intent::Go(Dir::North));
        assert_eq!(menu.choices[usize::from(menu.at)], Choice::Quit);
        menu.take(Intent::Go(Dir::South));
        assert_eq!(menu.choices[usize::from(menu.at)], Choice::New);
    }

    #[test]
    fn a_raid_left_unfinished_is_the_first_entry_and_has_a_key() {
        let mut menu = TitleMenu::new(true, false, false);
        assert_eq!(menu.take(Intent::Confirm), Some(Choice::Continue));
        assert_eq!(menu.take(Intent::Resume), Some(Choice::Continue));
        assert_eq!(
            TitleMenu::new(false, false, false).take(Intent::Resume),
            None
        );
    }
}
