//! The accent colour: shades of it that can be read on the pages, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11).

use std::fmt;

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// What a page is painted with in one of the two schemes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surfaces {
    card: Colour,
    page: Colour,
    /// What a shade moves towards to stand out.
    far: Colour,
    /// How much of the accent is in a tint, in percent.
    tint: u16,
}

/// The colours of a mail in one of the two schemes, as `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shades {
    /// What the text stands on.
    pub card: String,
    /// What is around it.
    pub page: String,
    /// A button.
    pub fill: String,
    /// The text of a button.
    pub on_fill: String,
}

/// Contrast of text (1.4.3).
const TEXT: f64 = 4.5;
/// Contrast of what is not text, such as the edge of a button (1.4.11).
const SHAPE: f64 = 3.0;

const BLACK: Colour = Colour { red: 0, green: 0, blue: 0 };
const WHITE: Colour = Colour { red: 255, green: 255, blue: 255 };

/// As style.css paints them.
pub(super) const LIGHT: Surfaces =
    Surfaces { card: WHITE, page: Colour { red: 0xee, green: 0xf1, blue: 0xf0 }, far: BLACK, tint: 11 };
/// As style.css paints them.
pub(super) const DARK: Surfaces = Surfaces {
    card: Colour { red: 0x14, green: 0x1c, blue: 0x1a },
    page: Colour { red: 0x0c, green: 0x12, blue: 0x11 },
    far: WHITE,
    tint: 16,
};

impl Colour {
    /// Reads `#rrggbb`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        let [_, red, green, blue] = value.to_be_bytes();
        Some(Self { red, green, blue })
    }

    /// The same for a mail, whose reader knows no style properties: text, a filled button, and what stands on it.
    pub(super) fn shades(self, on: Surfaces) -> Shades {
        let (fill, text) = self.filled(on);
        Shades {
            card: on.card.to_string(),
            page: on.page.to_string(),
            fill: fill.to_string(),
            on_fill: text.to_string(),
        }
    }

    /// The colour of a filled button, and of what stands on it.
    fn filled(self, on: Surfaces) -> (Self, Self) {
        let fill = self.shade(on, &[on.card], SHAPE);
        (fill, if fill.contrast(WHITE) >= fill.contrast(BLACK) { WHITE } else { BLACK })
    }

    /// The style properties of one scheme: text and lines in the accent, buttons filled with it, and what stands on them.
    pub(super) fn properties(self, on: Surfaces) -> String {
        let tint = on.card.mixed(if on.far == WHITE { self.vivid() } else { self }, on.tint);
        let main = self.shade(on, &[on.card, on.page, tint], TEXT);
        let (fill, text) = self.filled(on);
        let away = if text == WHITE { BLACK } else { WHITE };
        let over = fill.mixed(away, 14);
        format!("--main:{main};--fill:{fill};--fill-over:{over};--on-fill:{text};--tint:{tint}")
    }

    /// The nearest shade that has `contrast` to each of `grounds`: first a more vivid one, then a lighter or darker one.
    fn shade(self, on: Surfaces, grounds: &[Self], contrast: f64) -> Self {
        let stands_out = |shade: &Self| grounds.iter().all(|ground| shade.contrast(*ground) >= contrast);
        let vivid = (0..=100).map(|percent| self.mixed(self.vivid(), percent));
        let vivid = vivid.take_while(|_| on.far == WHITE);
        let base = if on.far == WHITE { self.vivid() } else { self };
        let far = (0..=100).map(|percent| base.mixed(on.far, percent));
        vivid.chain(far).find(stands_out).unwrap_or(on.far)
    }

    /// The colour as bright as its hue and saturation allow.
    fn vivid(self) -> Self {
        let most = u16::from(self.red.max(self.green).max(self.blue));
        let raised = |channel: u8| match u16::from(channel) * 255 {
            0 => 0,
            product => narrow(product / most),
        };
        if most == 0 {
            self
        } else {
            Self { red: raised(self.red), green: raised(self.green), blue: raised(self.blue) }
        }
    }

    /// `percent` of `other` in it.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let channel =
            |own: u8, other: u8| narrow((u16::from(own) * (100 - percent) + u16::from(other) * percent) / 100);
        Self {
            red: channel(self.red, other.red),
            green: channel(self.green, other.green),
            blue: channel(self.blue, other.blue),
        }
    }

    /// WCAG's contrast ratio, from 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// WCAG's relative luminance.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

fn narrow(channel: u16) -> u8 {
    u8::try_from(channel).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colour that a list of style properties gives `name`.
    fn property(properties: &str, name: &str) -> Colour {
        let value = properties.split(';').find_map(|property| property.strip_prefix(&format!("--{name}:")));
        Colour::parse(value.unwrap()).unwrap()
    }

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        assert_eq!(Colour::parse("#0A6350").unwrap().to_string(), "#0a6350");
        for wrong in ["", "#", "#fff", "0a6350", "#0a635", "#0a63500", "#0a635g", "#+a6350", "red", "#é12345"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 0.01);
        assert!((Colour::parse("#767676").unwrap().contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn whatever_the_accent_everything_that_is_painted_with_it_can_be_read() {
        let accents = (0_u32..=0x00ff_ffff).step_by(0x2f2f).chain([0x00ff_ffff, 0x00ff_ff00, 0x0000_00ff]);
        for [_, red, green, blue] in accents.map(u32::to_be_bytes) {
            let accent = Colour { red, green, blue };
            for on in [LIGHT, DARK] {
                let properties = accent.properties(on);
                let named = |name| property(&properties, name);
                for ground in [on.card, on.page, named("tint")] {
                    assert!(named("main").contrast(ground) >= TEXT, "{accent}: {properties}");
                }
                assert!(named("fill").contrast(on.card) >= SHAPE, "{accent}: {properties}");
                for fill in ["fill", "fill-over"] {
                    assert!(named("on-fill").contrast(named(fill)) >= TEXT, "{accent}: {properties}");
                }
            }
        }
    }

    #[test]
    fn an_accent_that_can_be_read_is_used_as_it_is() {
        let properties = Colour::parse("#0a6350").unwrap().properties(LIGHT);
        assert_eq!(
            (property(&properties, "main"), property(&properties, "fill")),
            (Colour::parse("#0a6350").unwrap(), Colour::parse("#0a6350").unwrap())
        );
    }
}
