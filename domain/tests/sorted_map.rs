//! The JSON of sorted maps.

use domain::sorted_map::SortedMap;

#[test]
fn serialises_as_a_map_with_unique_sorted_keys() {
    let mut pairs: SortedMap<String, u32> = [("b".to_owned(), 1), ("a".to_owned(), 2), ("b".to_owned(), 3)].into();
    assert_eq!(serde_json::to_string(&pairs).ok().as_deref(), Some(r#"{"a":2,"b":3}"#));
    assert_eq!(serde_json::from_str::<SortedMap<String, u32>>(r#"{"b":3,"a":2}"#).ok(), Some(pairs.clone()));
    pairs.remove(&"b".to_owned());
    assert_eq!((pairs.get(&"a".to_owned()), pairs.get(&"b".to_owned()), pairs.len()), (Some(&2), None, 1));
}
