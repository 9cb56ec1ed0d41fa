use super::packed::MOST_BINS;
use super::{EXACT_S, OPEN_S, Timeline, view};
use crate::histogram::{Histogram, middle_ms};
use proptest::prelude::*;

fn total(timeline: &Timeline) -> u64 {
    let points = timeline.points();
    let slots = points.iter().flat_map(|point| &point.bins);
    slots.map(|slot| slot.count()).sum()
}

fn starts_and_widths(timeline: &Timeline) -> Vec<(i64, i64)> {
    let points = timeline.points();
    points
        .iter()
        .map(|point| (point.start, point.width))
        .collect()
}

#[test]
fn the_last_ten_minutes_have_a_point_per_second() {
    let mut timeline = Timeline::default();
    for second in 0..2_000 {
        timeline.record(second, 7.0);
        timeline.record(second, 9.0);
    }
    let young: Vec<_> = (2_000 - EXACT_S..2_000).map(|second| (second, 1)).collect();
    let points = starts_and_widths(&timeline);
    assert_eq!(points[points.len() - young.len()..], young);
    assert_eq!(total(&timeline), 4_000);
}

#[test]
fn points_widen_with_age_and_follow_each_other() {
    let mut timeline = Timeline::default();
    let day = 86_400;
    for second in 0..day {
        timeline.record(second, 7.0);
    }
    let points = starts_and_widths(&timeline);
    assert!(points.len() < 1_200, "{} points", points.len());
    assert!(points.is_sorted_by(|left, right| left.0 + left.1 <= right.0 && left.1 >= right.1));
    for (start, width) in points {
        let age = day - start;
        assert!(
            width == 1 || width * 30 <= age,
            "{width} s wide at an age of {age} s"
        );
    }
    assert_eq!(total(&timeline), day as u64);
}

#[test]
fn what_comes_late_is_counted_in_its_second_or_the_oldest_open_one() {
    let mut timeline = Timeline::default();
    timeline.record(100, 5.0);
    timeline.record(200, 5.0);
    let mut samples = Histogram::default();
    samples.record_ms(5.0);
    for start in [198, 50] {
        timeline.add(start, samples.slots());
    }
    let starts = starts_and_widths(&timeline);
    assert_eq!(starts, [(100, 1), (200 - OPEN_S, 1), (198, 1), (200, 1)]);
}

#[test]
fn a_clock_that_goes_back_loses_nothing() {
    let mut timeline = Timeline::default();
    [9, 5, 9, 10]
        .iter()
        .for_each(|&tick| timeline.record(tick, 1.0));
    assert_eq!(starts_and_widths(&timeline), [(9, 1), (10, 1)]);
    assert_eq!(total(&timeline), 4);
}

#[test]
fn a_crowded_second_keeps_its_count_and_roughly_its_times() {
    let mut timeline = Timeline::default();
    let times: Vec<f64> = (0..2_000).map(|step| 10.0 * 1.002f64.powi(step)).collect();
    times.iter().for_each(|&time| timeline.record(0, time));
    timeline.record(1_000, 1.0);
    let points = timeline.points();
    assert!(points[0].bins.len() <= MOST_BINS);
    assert_eq!(total(&timeline), 2_001);
    let mut seen = 0;
    for slot in &points[0].bins {
        let truth = times[seen + slot.count() as usize / 2];
        assert!((middle_ms(slot.bin()) / truth - 1.0).abs() < 0.13);
        seen += slot.count() as usize;
    }
}

#[test]
fn the_view_is_json_with_bands_and_curves() {
    let mut timeline = Timeline::default();
    for second in 10..14 {
        timeline.record(second, 8.0);
        timeline.record(second, 40.0);
    }
    let mut out = String::new();
    view::write(&mut out, timeline.points(), 1_000.0, &[0.5, 1.0], 2);
    let (head, columns) = out.split_once(",\"columns\":").expect("columns");
    assert!(
        head.starts_with("{\"fractions\":[0.5,1],\"edges\":[7."),
        "{head}"
    );
    assert_eq!(
        columns,
        "[[1010,2,4,[8.015,40.064],[0,2,9,2]],[1012,2,4,[8.015,40.064],[0,2,9,2]]]}"
    );
    let mut out = String::new();
    view::write(&mut out, Vec::new(), 0.0, &[0.5], 100);
    assert_eq!(out, "{\"fractions\":[0.5],\"edges\":[],\"columns\":[]}");
}

#[test]
fn points_are_exact_until_they_are_merged_or_a_sample_has_no_date() {
    let mut timeline = Timeline::default();
    for second in 0..OPEN_S {
        timeline.record(second, 3.0);
        assert!(timeline.is_exact());
    }
    let mut undated = timeline.clone();
    undated.record_undated(3.0);
    assert!(!undated.is_exact());
    assert_eq!(undated.all().total(), OPEN_S as u64 + 1);
    timeline.record(2 * OPEN_S, 3.0);
    assert!(!timeline.is_exact());
    timeline.clear();
    assert!(timeline.is_exact() && timeline.total() == 0);
}

proptest! {
    #[test]
    fn merging_timelines_equals_one_timeline(samples in prop::collection::vec((0i64..40, 1u16..60, any::<bool>()), 0..200)) {
        let mut samples = samples;
        samples.sort_unstable();
        let (mut whole, mut left, mut right) = (Timeline::default(), Timeline::default(), Timeline::default());
        for (second, time, goes_left) in samples {
            let time = f64::from(time);
            whole.record(second, time);
            if goes_left { left.record(second, time) } else { right.record(second, time) }
        }
        let newest = whole.points().last().map_or(0, |point| point.start);
        let mut merged = Timeline::default();
        merged.merge(&left);
        merged.merge(&right);
        prop_assert_eq!(total(&merged), total(&whole));
        prop_assert_eq!(merged.all(), whole.all());
        prop_assert_eq!(merged.total(), total(&whole));
        let young = |timeline: &Timeline| {
            let points = timeline.points();
            points.into_iter().filter(|point| point.start > newest - OPEN_S).collect::<Vec<_>>()
        };
        prop_assert_eq!(young(&merged), young(&whole));
    }
}
