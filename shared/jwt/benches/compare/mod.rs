//! Compares several implementations of one operation in one run. They take turns, so that a machine that slows down
//! slows all of them alike; the ratio of each median to the first is the result. Benches of other crates include this
//! file too.

use std::time::{Duration, Instant};

/// How long one turn of an implementation lasts.
const TURN: Duration = Duration::from_millis(20);

/// How many turns each implementation gets.
const TURNS: usize = 31;

/// One implementation and its name.
pub(crate) type Way<'a> = (&'a str, &'a mut dyn FnMut());

/// Measures every implementation and prints a table in which the first is 1.00.
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

/// Seconds per call, averaged over one turn.
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
