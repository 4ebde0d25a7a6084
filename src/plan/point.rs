//! The product of the dimensions of a scenario, and the way from a number to a combination.

/// The product of all dimensions of one scenario. A combination is known by its rank: the first
/// dimension varies slowest. Axes that are zipped are one dimension.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Space {
    dimensions: Vec<Dimension>,
    axes: usize,
    size: u128,
}

/// Axes that vary together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dimension {
    /// How many values each of them has.
    pub len: u64,
    /// Which, by index.
    pub axes: Vec<usize>,
}

/// Two axes of one `zip` with different lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unequal {
    /// Index of the first.
    pub first: usize,
    /// Index of the other.
    pub second: usize,
}

impl Space {
    /// The product of axes of these lengths, where those of a zip stand in the place of its first.
    pub fn new(lens: &[u64], zips: &[Vec<usize>]) -> Result<Self, Unequal> {
        let mut dimensions = Vec::new();
        for axis in 0..lens.len() {
            let zip = zips.iter().find(|zip| zip.contains(&axis));
            let mut axes = zip.map_or_else(|| vec![axis], |zip| zip.clone());
            axes.retain(|axis| *axis < lens.len());
            axes.sort_unstable();
            if axes.first() == Some(&axis) {
                dimensions.push(Dimension { len: common_len(lens, &axes)?, axes });
            }
        }
        let size = dimensions.iter().fold(1u128, |size, d| size.saturating_mul(u128::from(d.len)));
        Ok(Self { dimensions, axes: lens.len(), size })
    }

    /// How many combinations; `u128::MAX` stands for that many or more.
    pub fn size(&self) -> u128 {
        self.size
    }

    /// The dimensions, slowest first.
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The dimension with the most values, the first of equals.
    pub fn largest(&self) -> Option<&Dimension> {
        self.dimensions.iter().rev().max_by_key(|d| d.len)
    }

    /// Puts the index of each axis' value in combination `rank` into `point`.
    pub fn point(&self, rank: u128, point: &mut Vec<u64>) {
        point.clear();
        point.resize(self.axes, 0);
        let mut rest = rank;
        for dimension in self.dimensions.iter().rev() {
            let digit = take_digit(&mut rest, dimension.len);
            for axis in &dimension.axes {
                point[*axis] = digit;
            }
        }
    }

    /// Moves `point` to the next combination; past the last it starts over. Faster than dividing ranks.
    pub fn advance(&self, point: &mut [u64]) {
        for dimension in self.dimensions.iter().rev() {
            let digit = point[dimension.axes[0]] + 1;
            let carries = digit == dimension.len;
            for axis in &dimension.axes {
                point[*axis] = if carries { 0 } else { digit };
            }
            if !carries {
                return;
            }
        }
    }

    /// The rank of the combination with these digits, one for each dimension.
    pub fn rank(&self, digits: impl IntoIterator<Item = u64>) -> u128 {
        let step = |rank: u128, (d, digit): (&Dimension, u64)| rank * u128::from(d.len) + u128::from(digit);
        self.dimensions.iter().zip(digits).fold(0, step)
    }
}

fn common_len(lens: &[u64], axes: &[usize]) -> Result<u64, Unequal> {
    let first = axes[0];
    match axes.iter().find(|axis| lens[**axis] != lens[first]) {
        Some(second) => Err(Unequal { first, second: *second }),
        None => Ok(lens[first]),
    }
}

/// The last digit of a mixed-radix number, taken off it.
fn take_digit(rest: &mut u128, len: u64) -> u64 {
    // Division of 128-bit numbers is many times slower, and nearly every plan fits in 64.
    if let Ok(small) = u64::try_from(*rest) {
        *rest = u128::from(small / len);
        return small % len;
    }
    let digit = (*rest % u128::from(len)) as u64;
    *rest /= u128::from(len);
    digit
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(lens: &[u64], zips: &[Vec<usize>]) -> Vec<Vec<u64>> {
        let space = Space::new(lens, zips).unwrap();
        let mut point = Vec::new();
        (0..space.size())
            .map(|rank| {
                space.point(rank, &mut point);
                point.clone()
            })
            .collect()
    }

    #[test]
    fn the_first_axis_varies_slowest() {
        assert_eq!(points(&[2, 3], &[]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(points(&[], &[]), [Vec::<u64>::new()]);
    }

    #[test]
    fn a_zip_takes_the_place_of_its_first_axis() {
        assert_eq!(points(&[2, 2, 2], &[vec![2, 0]]), [[0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1]]);
        assert_eq!(Space::new(&[2, 3], &[vec![0, 1]]), Err(Unequal { first: 0, second: 1 }));
    }

    #[test]
    fn sizes_saturate() {
        assert_eq!(Space::new(&[2; 40], &[]).unwrap().size(), 1 << 40);
        assert_eq!(Space::new(&[u64::MAX; 3], &[]).unwrap().size(), u128::MAX);
        assert_eq!(Space::new(&[5, 0, 7], &[]).unwrap().size(), 0);
    }

    proptest! {
        #[test]
        fn rank_and_point_are_inverse(lens in prop::collection::vec(1u64..50, 0..8), part in 0.0f64..1.0) {
            let space = Space::new(&lens, &[]).unwrap();
            let rank = (part * space.size() as f64) as u128;
            let mut point = Vec::new();
            space.point(rank, &mut point);
            prop_assert!(point.iter().zip(&lens).all(|(digit, len)| digit < len));
            prop_assert_eq!(space.rank(point.iter().copied()), rank);
        }

        #[test]
        fn points_ascend_and_each_leads_to_the_next(lens in prop::collection::vec(1u64..5, 1..5)) {
            let all = points(&lens, &[]);
            let space = Space::new(&lens, &[]).unwrap();
            let mut at = all[0].clone();
            for point in &all {
                prop_assert_eq!(&at, point);
                space.advance(&mut at);
            }
            prop_assert_eq!(&at, &all[0]);
            prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "points ascend in lexicographic order");
        }
    }
}
