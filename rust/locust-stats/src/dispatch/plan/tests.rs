use super::*;

fn plan(classes: &[(f64, u64)], workers: usize) -> Plan {
    let mut plan = Plan::new();
    for &(weight, fixed_count) in classes {
        plan.add_class(weight, fixed_count);
    }
    for _ in 0..workers {
        plan.add_worker();
    }
    plan
}

fn cells(plan: &Plan) -> Vec<Vec<u64>> {
    plan.workers
        .iter()
        .map(|worker| worker.counts.clone())
        .collect()
}

#[test]
fn ramp_down_passes_through_the_states_of_the_ramp_up() {
    let mut plan = plan(&[(3.0, 0), (1.0, 0), (1.0, 4), (7.0, 0)], 5);
    let mut states = vec![cells(&plan)];
    for _ in 0..200 {
        plan.add_users(1);
        states.push(cells(&plan));
    }
    for expected in states.iter().rev().skip(1) {
        plan.remove_users(1);
        assert_eq!(&cells(&plan), expected);
    }
}

#[test]
fn one_big_step_equals_many_small_ones() {
    let (mut big, mut small) = (
        plan(&[(2.0, 0), (5.0, 0)], 3),
        plan(&[(2.0, 0), (5.0, 0)], 3),
    );
    big.add_users(50);
    (0..50).for_each(|_| drop(small.add_users(1)));
    assert_eq!(cells(&big), cells(&small));
}

fn counts(plan: &Plan) -> Vec<u64> {
    (0..plan.classes.len())
        .map(|class| plan.class_count(class))
        .collect()
}

fn loads(plan: &Plan) -> Vec<u64> {
    let present = plan.workers.iter().filter(|worker| worker.present);
    present.map(|worker| worker.load).collect()
}

fn allow(plan: &mut Plan, spawnable: &[bool]) {
    for (index, &allowed) in spawnable.iter().enumerate() {
        let class = plan.classes[index];
        plan.set_class(index, class.weight, class.fixed_count, allowed)
            .expect("the class was added");
    }
}

#[test]
fn users_of_a_lost_worker_go_to_the_others_and_nobody_else_moves() {
    let mut plan = plan(&[(1.0, 0), (1.0, 3)], 4);
    plan.add_users(40);
    plan.remove_worker(0).expect("worker 0 exists");
    assert_eq!(plan.user_count(), 30);
    let changes = plan.spread_anew();
    assert!(changes.iter().all(|change| change.delta > 0));
    assert_eq!(counts(&plan), [37, 3]);
    assert_eq!(loads(&plan), [14, 13, 13]);
}

#[test]
fn users_of_a_lost_worker_wait_for_one() {
    let mut plan = plan(&[(1.0, 0), (2.0, 0)], 1);
    plan.add_users(6);
    plan.remove_worker(0).expect("worker 0 exists");
    assert_eq!(plan.spread_anew(), []);
    plan.add_worker();
    plan.spread_anew();
    assert_eq!(counts(&plan), [2, 4]);
}

#[test]
fn spreading_anew_fills_a_worker_that_joins() {
    let mut plan = plan(&[(1.0, 0), (2.0, 0)], 1);
    plan.add_users(12);
    plan.add_worker();
    let moved: i64 = plan
        .spread_anew()
        .iter()
        .map(|change| change.delta.abs())
        .sum();
    assert_eq!((moved, loads(&plan)), (12, vec![6, 6]));
    assert_eq!(counts(&plan), [4, 8]);
}

#[test]
fn only_users_that_are_added_follow_the_weights_of_the_classes_named() {
    let mut plan = plan(&[(1.0, 0), (1.0, 0), (1.0, 0)], 2);
    allow(&mut plan, &[true, false, false]);
    plan.add_users(10);
    allow(&mut plan, &[true, true, true]);
    plan.add_users(30);
    assert_eq!(counts(&plan), [20, 10, 10]);
    allow(&mut plan, &[false, true, false]);
    plan.remove_users(12);
    assert_eq!(counts(&plan), [16, 6, 6]);
    plan.remove_users(20);
    assert_eq!(counts(&plan), [8, 0, 0]);
    plan.add_users(4);
    assert_eq!(counts(&plan), [8, 4, 0]);
}

#[test]
fn a_ramp_down_goes_back_through_the_phases() {
    let mut plan = plan(&[(3.0, 0), (1.0, 0), (1.0, 4), (7.0, 0)], 5);
    let mut states = vec![counts(&plan)];
    for allowed in [
        [true, false, false, false],
        [true, true, true, true],
        [false, true, true, false],
    ] {
        allow(&mut plan, &allowed);
        for _ in 0..31 {
            plan.add_users(1);
            states.push(counts(&plan));
        }
    }
    // The users of fixed counts were added in the middle and go last.
    let weighted = |state: &Vec<u64>| [state[0], state[1], state[3]];
    let down: Vec<[u64; 3]> = (0..89)
        .map(|_| {
            plan.remove_users(1);
            weighted(&counts(&plan))
        })
        .collect();
    let mut up: Vec<[u64; 3]> = states.iter().map(weighted).collect();
    up.dedup();
    up.reverse();
    assert_eq!(down, up[1..=89]);
    assert_eq!(counts(&plan), [0, 0, 4, 0]);
}

#[test]
fn displaced_users_keep_their_phase() {
    let mut plan = plan(&[(1.0, 0), (1.0, 0)], 2);
    allow(&mut plan, &[true, false]);
    plan.add_users(10);
    allow(&mut plan, &[false, true]);
    plan.add_users(10);
    plan.remove_worker(0).expect("worker 0 exists");
    plan.spread_anew();
    plan.remove_users(10);
    assert_eq!(counts(&plan), [10, 0]);
}

#[test]
fn a_user_of_a_given_class_goes_to_the_emptiest_worker() {
    let mut plan = plan(&[(1.0, 0), (9.0, 0)], 2);
    plan.add_user_of(0).expect("class 0 exists");
    plan.add_user_of(0).expect("class 0 exists");
    assert_eq!((counts(&plan), loads(&plan)), (vec![2, 0], vec![1, 1]));
    assert_eq!(plan.add_user_of(2), Err(PlanError::UnknownIndex(2)));
}

#[test]
fn nothing_is_spawned_beyond_fixed_counts_without_weighted_classes() {
    let mut plan = plan(&[(1.0, 3), (1.0, 1)], 2);
    plan.add_users(10);
    assert_eq!(plan.user_count(), 4);
}
