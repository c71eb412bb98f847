//! The characters that stand in names, numbered, with their syllables.

use rustc_hash::FxHashMap;
use zhifang_pinyin::{Syllable, readings};

/// Number of a character in the alphabet of one base.
pub(crate) type CharId = u16;

/// A reading of a character: syllable and tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sound {
    pub(crate) syllable: u16,
    pub(crate) tone: u8,
}

/// Readings kept of a character; rarer ones only make noise.
const MOST_SOUNDS: usize = 4;

/// The sounds of a character, commonest first.
pub(crate) fn sounds_of(character: char) -> Vec<Sound> {
    let mut sounds: Vec<Sound> = Vec::new();
    for reading in readings(character) {
        let sound = Sound {
            syllable: reading.syllable().id(),
            tone: reading.tone(),
        };
        if !sounds.iter().any(|known| known.syllable == sound.syllable) {
            sounds.push(sound);
        }
    }
    sounds.truncate(MOST_SOUNDS);
    sounds
}

#[derive(Debug, Default)]
pub(crate) struct Alphabet {
    characters: Vec<char>,
    ids: FxHashMap<char, CharId>,
    sounds: Vec<Vec<Sound>>,
    /// By syllable: characters that can be read so, with the rank of the reading.
    by_syllable: Vec<Vec<(CharId, u8)>>,
}

impl Alphabet {
    /// The character's number, given if new. Beyond 65,535 characters all share the last.
    pub(crate) fn intern(&mut self, character: char) -> CharId {
        if let Some(id) = self.ids.get(&character) {
            return *id;
        }
        let id = CharId::try_from(self.characters.len()).unwrap_or(CharId::MAX);
        if usize::from(id) == self.characters.len() {
            self.characters.push(character);
            self.sounds.push(sounds_of(character));
        }
        self.ids.insert(character, id);
        id
    }

    /// Adds a reading that only some place gives the character (乐 lào in 乐亭).
    pub(crate) fn add_sound(&mut self, id: CharId, sound: Sound) {
        if let Some(sounds) = self.sounds.get_mut(usize::from(id))
            && !sounds.iter().any(|known| known.syllable == sound.syllable)
        {
            sounds.push(sound);
        }
    }

    /// To be called when all characters are known.
    pub(crate) fn seal(&mut self) {
        self.by_syllable = vec![Vec::new(); usize::from(Syllable::count())];
        for (id, sounds) in self.sounds.iter().enumerate() {
            for (rank, sound) in sounds.iter().enumerate() {
                if let Some(list) = self.by_syllable.get_mut(usize::from(sound.syllable)) {
                    list.push((id as CharId, rank as u8));
                }
            }
        }
    }

    /// From stored parts; `None` if a character stands twice, or there are too many.
    pub(crate) fn from_parts(characters: Vec<char>, sounds: Vec<Vec<Sound>>) -> Option<Self> {
        let mut ids = FxHashMap::default();
        for (id, character) in characters.iter().enumerate() {
            let id = CharId::try_from(id).ok()?;
            if ids.insert(*character, id).is_some() {
                return None;
            }
        }
        let mut alphabet = Self {
            characters,
            ids,
            sounds,
            by_syllable: Vec::new(),
        };
        alphabet.seal();
        Some(alphabet)
    }

    /// The characters in the order of their numbers.
    pub(crate) fn characters(&self) -> &[char] {
        &self.characters
    }

    /// The sounds of each.
    pub(crate) fn all_sounds(&self) -> &[Vec<Sound>] {
        &self.sounds
    }

    /// Bytes kept on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        let sounds = self.sounds.iter().map(Vec::capacity).sum::<usize>();
        let read_as = self.by_syllable.iter().map(Vec::capacity).sum::<usize>();
        self.characters.capacity() * size_of::<char>()
            + self.ids.capacity() * (size_of::<(char, CharId)>() + 1)
            + self.sounds.capacity() * size_of::<Vec<Sound>>()
            + sounds * size_of::<Sound>()
            + self.by_syllable.capacity() * size_of::<Vec<(CharId, u8)>>()
            + read_as * size_of::<(CharId, u8)>()
    }

    pub(crate) fn len(&self) -> usize {
        self.characters.len()
    }

    pub(crate) fn id(&self, character: char) -> Option<CharId> {
        self.ids.get(&character).copied()
    }

    pub(crate) fn character(&self, id: CharId) -> char {
        self.characters.get(usize::from(id)).copied().unwrap_or('?')
    }

    pub(crate) fn sounds(&self, id: CharId) -> &[Sound] {
        self.sounds.get(usize::from(id)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn read_as(&self, syllable: u16) -> &[(CharId, u8)] {
        self.by_syllable
            .get(usize::from(syllable))
            .map_or(&[], Vec::as_slice)
    }
}
