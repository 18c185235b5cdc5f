//! The layout of the board: the largest type with which the orders of its three lists fit.
//!
//! The styles derive every size from the rows and columns that are chosen here, so that no choice can overflow. What
//! does not fit in readable type is shown in turns.

/// Width of the board, and height of its lists without their headings, in units of the display's text size (`rem`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub width: f32,
    pub height: f32,
}

/// Number of orders in the queue, being made and ready, and of digits in the longest number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    pub queue: usize,
    pub making: usize,
    pub ready: usize,
    pub digits: usize,
}

/// The layout of the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Whether the rows have names and ages. If not, they are numbers alone.
    pub has_names: bool,
    /// Rows of every list.
    pub rows: usize,
    /// Columns of the list of the queue. The columns of all lists are equally wide.
    pub queue: usize,
    /// Columns of the list of orders that are being made.
    pub making: usize,
    /// Columns of the list of ready orders.
    pub ready: usize,
}

/// Height of a number as a share of its row, with and without a name below it; as in `style/board.css`.
const NAMED_SHARE: f32 = 0.5;
const PLAIN_SHARE: f32 = 0.84;

/// Width of a digit as a share of the type size, more than that of any usual font; as in `style/board.css`.
const DIGIT_SHARE: f32 = 0.74;

/// Space between two columns, and beside the columns of one list; as in `style/board.css`.
const GAP: f32 = 0.6;
const PADDING: f32 = 1.0;

/// Smallest type of a number: its digits have a twentieth of the height of the screen, which can be read from eight
/// metres on a television of 55 inches.
const MIN_TYPE: f32 = 3.0;

/// Smallest row and column with a name, and smallest column with room for its heading.
const MIN_NAMED_ROW: f32 = 9.0;
const MIN_NAMED_COLUMN: f32 = 8.0;
const MIN_COLUMN: f32 = 4.4;

/// Numbers of rows, with and without names. A few steps, so that a new order seldom moves the others.
const NAMED_ROWS: [usize; 5] = [2, 3, 4, 5, 6];
const PLAIN_ROWS: [usize; 5] = [4, 6, 9, 12, 14];

/// Most columns of one list that `style/board.css` has rules for.
const MAX_COLUMNS: usize = 12;

/// Length of the short side of the window: `style/display.css` sets the text size to 2.2 % of it.
const SHORT_SIDE: f32 = 100.0 / 2.2;

impl Area {
    /// The area that the styles leave in a window of this width per height. The code stands beside the board, and above
    /// it in narrow windows.
    pub fn in_window(aspect: f32) -> Self {
        let (width, height) = if aspect > 1.0 { (aspect, 1.0) } else { (1.0, aspect.recip()) };
        let (width, height) = (width * SHORT_SIDE, height * SHORT_SIDE);
        if aspect >= 1.25 {
            Self { width: width - 23.0, height: height - 11.5 }
        } else {
            Self { width: width - 3.6, height: height - 28.3 }
        }
    }
}

impl Load {
    fn layout(self, rows: usize, has_names: bool) -> Layout {
        let columns = |orders: usize| orders.div_ceil(rows).clamp(1, MAX_COLUMNS);
        let Self { queue, making, ready, .. } = self;
        Layout { has_names, rows, queue: columns(queue), making: columns(making), ready: columns(ready) }
    }
}

impl Layout {
    /// The layout with the largest type: with names while there is room for them, then with numbers alone.
    pub fn of(load: Load, area: Area) -> Self {
        let largest = |rows: &[usize], has_names| {
            let mut best: Option<(f32, Self)> = None;
            for layout in rows.iter().map(|rows| load.layout(*rows, has_names)) {
                let size = layout.type_size(load.digits, area);
                if size >= MIN_TYPE && best.is_none_or(|(largest, _)| size > largest) {
                    best = Some((size, layout));
                }
            }
            best.map(|(_, layout)| layout)
        };
        largest(&NAMED_ROWS, true).or_else(|| largest(&PLAIN_ROWS, false)).unwrap_or_else(|| Self::crowded(load, area))
    }

    /// The layout with the most orders in readable type. Ready orders have the first choice of its columns.
    fn crowded(load: Load, area: Area) -> Self {
        let fits = |rows: &&usize| as_length(**rows) * MIN_TYPE <= area.height * PLAIN_SHARE;
        let rows = PLAIN_ROWS.iter().rfind(fits).copied().unwrap_or(PLAIN_ROWS[0]);
        let Self { queue, making, ready, .. } = load.layout(rows, false);
        let has_room =
            |columns: &usize| column_width(*columns, area) >= MIN_COLUMN.max(number_width(load.digits) * MIN_TYPE);
        let columns = (3..=queue + making + ready).rev().find(has_room).unwrap_or(3);
        let ready = ready.min(columns - 2);
        let making = making.min(columns - ready - 1);
        Self { has_names: false, rows, queue: columns - ready - making, making, ready }
    }

    /// Type size of the numbers; 0 if names or headings do not fit.
    fn type_size(self, digits: usize, area: Area) -> f32 {
        let row = area.height / as_length(self.rows);
        let column = column_width(self.queue + self.making + self.ready, area);
        let share = match self.has_names {
            true if row < MIN_NAMED_ROW || column < MIN_NAMED_COLUMN => return 0.0,
            false if column < MIN_COLUMN => return 0.0,
            true => NAMED_SHARE,
            false => PLAIN_SHARE,
        };
        (row * share).min(column / number_width(digits))
    }
}

/// Width that a number has in the narrowest of this many columns: the only one of its list.
fn column_width(columns: usize, area: Area) -> f32 {
    (area.width + GAP) / as_length(columns) - GAP - PADDING
}

/// Width of a number as a multiple of its type size.
fn number_width(digits: usize) -> f32 {
    as_length(digits.max(1)) * DIGIT_SHARE
}

#[expect(clippy::cast_precision_loss, reason = "counts of orders are far below 2^23")]
fn as_length(count: usize) -> f32 {
    count as f32
}

/// The part of a list that is shown now. The first `kept` orders always are, and the others in turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    kept: usize,
    /// First order of this turn, and the first of the next one.
    from: usize,
    to: usize,
    /// The current turn, from 1, and the number of turns.
    pub turn: usize,
    pub turns: usize,
}

impl Part {
    /// The part at the `n`th turn of a list with room for `capacity` of its orders.
    pub fn of(orders: usize, capacity: usize, kept: usize, n: usize) -> Self {
        let kept = if orders > capacity { kept } else { 0 };
        let size = (capacity - kept).max(1);
        let turns = (orders - kept).div_ceil(size).max(1);
        let from = kept + n % turns * size;
        Self { kept, from, to: from + size, turn: n % turns + 1, turns }
    }

    /// Whether the order at this index is shown.
    pub fn shows(self, index: usize) -> bool {
        index < self.kept || (self.from..self.to).contains(&index)
    }
}

#[cfg(test)]
mod tests;
