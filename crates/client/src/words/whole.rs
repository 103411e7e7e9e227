//! Whole numbers as JSON has them: `60` and `60.0` are the same, and some languages write the latter.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A whole number of the type that a member has.
struct Whole<T>(T);

impl<'de, T: TryFrom<i64> + TryFrom<u64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<T>(std::marker::PhantomData<T>);

        impl<T: TryFrom<i64> + TryFrom<u64>> Visitor<'_> for Number<T> {
            type Value = Whole<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number within its bounds")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Whole<T>, E> {
                T::try_from(value).map(Whole).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Whole<T>, E> {
                T::try_from(value).map(Whole).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
            }

            #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is within the bounds")]
            fn visit_f64<E: Error>(self, value: f64) -> Result<Whole<T>, E> {
                // Up to here every whole number is told apart from the next.
                const EXACT: f64 = 9_007_199_254_740_991.0;
                if value.fract() == 0.0 && value.abs() <= EXACT {
                    self.visit_i64(value as i64)
                } else {
                    Err(E::invalid_value(Unexpected::Float(value), &self))
                }
            }
        }

        deserializer.deserialize_any(Number(std::marker::PhantomData))
    }
}

/// For a member that is there.
pub(super) fn one<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64> + TryFrom<u64>,
{
    Whole::deserialize(deserializer).map(|whole| whole.0)
}

/// For a member that may be absent or `null`.
pub(super) fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64> + TryFrom<u64>,
{
    Ok(Option::<Whole<T>>::deserialize(deserializer)?.map(|whole| whole.0))
}

/// For a list.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64> + TryFrom<u64>,
{
    Ok(Vec::<Whole<T>>::deserialize(deserializer)?.into_iter().map(|whole| whole.0).collect())
}

#[cfg(test)]
mod tests {
    use crate::words::{ConsentLasts, SignInRequest, TokenRequest};

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let min_ttl = |number: &str| {
            let request = serde_json::from_str::<TokenRequest>(&format!(r#"{{"min_ttl":{number}}}"#));
            request.map(|request| request.min_ttl)
        };
        for (number, is) in [("60", 60), ("60.0", 60), ("6e1", 60), ("0", 0), ("4294967295", u32::MAX)] {
            assert_eq!(min_ttl(number).expect(number), Some(is), "{number}");
        }
        assert_eq!(min_ttl("null").expect("nothing"), None);
        for number in ["60.5", "-1", "-1.0", "4294967296", "1e300", "\"60\"", "true", "[60]"] {
            assert!(min_ttl(number).is_err(), "{number}");
        }
        assert_eq!(serde_json::from_str::<TokenRequest>("{}").expect("none of them").min_ttl, None);
        let lasts = serde_json::from_str::<ConsentLasts>(r#"{"kind":"days","days":30.0}"#).expect("whole");
        assert_eq!(lasts, ConsentLasts::Days { days: 30 });
        assert!(serde_json::from_str::<SignInRequest>(r#"{"profile":"work","timeout":2.0}"#).is_ok());
    }
}
