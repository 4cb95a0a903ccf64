//! Compares ways to do one thing, within one run: they take turns, so that a machine that slows down slows all of them,
//! and what counts is the ratio of their medians to that of the first. Included by the benches of other crates too.

use std::time::{Duration, Instant};

/// How long each way works in one turn.
const TURN: Duration = Duration::from_millis(20);

/// How many turns each way has.
const TURNS: usize = 31;

/// A way to do it, with its name.
pub(crate) type Way<'a> = (&'a str, &'a mut dyn FnMut());

/// Measures every way and prints a table, in which the first is 1.00.
#[expect(clippy::print_stdout, reason = "a bench prints what it measures")]
pub(crate) fn compare(title: &str, ways: &mut [Way<'_>]) {
    let mut times = vec![Vec::with_capacity(TURNS); ways.len()];
    for (_, way) in ways.iter_mut() {
        turn(way); // warm up
    }
    for _ in 0..TURNS {
        for ((_, way), times) in ways.iter_mut().zip(&mut times) {
            times.push(turn(way));
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    println!("{title}");
    for ((name, _), median) in ways.iter().zip(&medians) {
        println!("  {name:<40} {:>9.2} µs {:>6.2}", median * 1e6, median / medians[0]);
    }
}

/// Seconds that one go takes, over one turn.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn turn(way: &mut dyn FnMut()) -> f64 {
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < TURN {
        for _ in 0..10 {
            way();
        }
        count += 10;
    }
    begin.elapsed().as_secs_f64() / f64::from(count)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
