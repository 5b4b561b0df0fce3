// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a Rust program asks of a runtime: collections, iterators, closures and
// trait objects, 128-bit and floating arithmetic, environment, arguments,
// standard input, files, and a panic that ends the program.
//
//     main DIR            everything, inside DIR; exits with 0
//     main DIR exit N     exits with N
//     main DIR panic      panics: a message on standard error, no exit 0
//
// It speaks Rust of 2021 (1.63) and uses nothing but std. The output must not
// depend on the host, so nothing here prints a hash map's order or a time.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::rc::Rc;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

trait Shape {
    fn name(&self) -> String;
    fn area(&self) -> f64;
}

struct Circle {
    radius: f64,
}

struct Polygon {
    corners: Vec<(f64, f64)>,
}

impl Shape for Circle {
    fn name(&self) -> String {
        "circle".to_string()
    }
    fn area(&self) -> f64 {
        std::f64::consts::PI * self.radius * self.radius
    }
}

impl Shape for Polygon {
    fn name(&self) -> String {
        format!("polygon of {}", self.corners.len())
    }
    fn area(&self) -> f64 {
        let next = self.corners.iter().cycle().skip(1);
        let twice: f64 = self
            .corners
            .iter()
            .zip(next)
            .map(|(a, b)| a.0 * b.1 - a.1 * b.0)
            .sum();
        twice.abs() / 2.0
    }
}

#[derive(Debug)]
enum ParseError {
    Empty,
    Unexpected(char, usize),
    Overflow,
}

impl fmt::Display for ParseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Empty => write!(out, "nothing to parse"),
            ParseError::Unexpected(c, at) => write!(out, "{:?} at {}", c, at),
            ParseError::Overflow => write!(out, "too large"),
        }
    }
}

// A sum of products of decimal numbers, `2*3+4`.
fn evaluate(text: &str) -> Result<u64, ParseError> {
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let mut sum: u64 = 0;
    let mut product: u64 = 1;
    let mut number: u64 = 0;
    for (at, c) in text.chars().chain("+".chars()).enumerate() {
        match c {
            '0'..='9' => {
                number = number
                    .checked_mul(10)
                    .and_then(|n| n.checked_add(c as u64 - '0' as u64))
                    .ok_or(ParseError::Overflow)?
            }
            '*' | '+' => {
                product = product.checked_mul(number).ok_or(ParseError::Overflow)?;
                number = 0;
                if c == '+' {
                    sum = sum.checked_add(product).ok_or(ParseError::Overflow)?;
                    product = 1;
                }
            }
            _ => return Err(ParseError::Unexpected(c, at)),
        }
    }
    Ok(sum)
}

fn collections() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let numbers: Vec<u64> = (0..20_000).map(|_| random.next() % 5000).collect();

    let mut counts: HashMap<u64, u32> = HashMap::new();
    for n in &numbers {
        *counts.entry(*n).or_insert(0) += 1;
    }
    let mut common: Vec<(u64, u32)> = counts.iter().map(|(k, v)| (*k, *v)).collect();
    common.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("different {}, most common {:?}", counts.len(), &common[..3]);

    let tree: BTreeMap<u64, u32> = counts.into_iter().collect();
    let range: Vec<_> = tree.range(100..110).collect();
    println!("range {:?}", range);

    let odd: HashSet<u64> = numbers.iter().copied().filter(|n| n % 2 == 1).collect();
    let small: HashSet<u64> = numbers.iter().copied().filter(|n| *n < 50).collect();
    let mut both: Vec<_> = odd.intersection(&small).copied().collect();
    both.sort_unstable();
    println!("odd and small {:?}", both);

    let mut heap: BinaryHeap<u64> = numbers.iter().copied().collect();
    let top: Vec<u64> = std::iter::from_fn(|| heap.pop()).step_by(1000).take(5).collect();
    println!("heap {:?}", top);

    let mut ring: VecDeque<u32> = (1..=41).collect();
    while ring.len() > 1 {
        ring.rotate_left(2);
        ring.pop_front();
    }
    println!("survivor {}", ring[0]);
}

fn arithmetic() {
    let mut a: u128 = 0;
    let mut b: u128 = 1;
    for _ in 0..180 {
        let next = a + b;
        a = b;
        b = next;
    }
    println!("fibonacci {} {}", a, a % 0xFFFF_FFFF_FFFF_FFC5);
    println!("wide {}", (u64::MAX as u128) * (u64::MAX as u128) / 0x1_0000_0001);
    println!("shift {} {}", (-7i64).rotate_left(60), (-1i32 as u32).leading_zeros());
    println!("sum {:.12}", (1..=1000).map(|n| 1.0 / f64::from(n)).sum::<f64>());
    println!("saturate {} {} {}", f64::NAN as i32, 1e300 as i64, -1.0f32 as u8);
    println!("root {:e} {:?}", 2f64.sqrt(), f32::MIN_POSITIVE / 2.0);
    println!("parse {:?} {:?}", "1e-7".parse::<f64>(), "x".parse::<i8>().is_err());
    let round: Vec<f64> = [-2.5f64, -0.5, 0.5, 1.5].iter().map(|x| x.round()).collect();
    println!("round {:?}", round);
}

fn shapes() {
    let shapes: Vec<Rc<dyn Shape>> = vec![
        Rc::new(Circle { radius: 1.5 }),
        Rc::new(Polygon {
            corners: vec![(0.0, 0.0), (4.0, 0.0), (4.0, 3.0)],
        }),
    ];
    let again: Vec<_> = shapes.iter().rev().cloned().collect();
    for shape in &again {
        println!("{:<14}|{:>10.4}|", shape.name(), shape.area());
    }
    println!("counted {}", Rc::strong_count(&shapes[0]));
}

fn text() {
    let line = "Füße, naïve café, 日本語, 🦀";
    println!("{} bytes, {} chars", line.len(), line.chars().count());
    println!("{}", line.to_uppercase());
    println!("{}", line.chars().rev().collect::<String>());
    let words: Vec<&str> = line.split(", ").map(str::trim).collect();
    println!("{:?} {:?}", words, line.find("café"));
    for expression in ["2*3+4", "", "7-1", "99999999999*99999999999"] {
        match evaluate(expression) {
            Ok(value) => println!("{} = {}", expression, value),
            Err(error) => println!("{:?}: {} ({:?})", expression, error, error),
        }
    }
}

fn files(dir: &Path) -> io::Result<()> {
    let inner = dir.join("rust-data").join("a").join("b");
    fs::create_dir_all(&inner)?;
    for i in 0..12 {
        fs::write(inner.join(format!("file{:02}", i)), vec![b'x'; i * 100])?;
    }
    let mut names: Vec<String> = fs::read_dir(&inner)?
        .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort();
    println!("listed {:?}", names);

    let log = dir.join("rust-data").join("log");
    let mut file = File::create(&log)?;
    for i in 0..100 {
        writeln!(file, "line {} {}", i, i * i)?;
    }
    drop(file);
    let mut file = OpenOptions::new().append(true).open(&log)?;
    file.write_all(b"appended\n")?;
    drop(file);
    let mut file = OpenOptions::new().read(true).write(true).open(&log)?;
    file.seek(SeekFrom::End(-9))?;
    let mut tail = String::new();
    file.read_to_string(&mut tail)?;
    println!("tail {:?}, size {}", tail, file.metadata()?.len());
    file.set_len(20)?;
    file.seek(SeekFrom::Start(0))?;
    let lines: Vec<String> = BufReader::new(&file).lines().collect::<io::Result<_>>()?;
    println!("cut {:?}", lines);
    drop(file);

    let moved = dir.join("rust-data").join("moved");
    fs::rename(&log, &moved)?;
    println!("gone {:?}", File::open(&log).map_err(|e| e.kind()).err());
    println!("not empty {}", fs::remove_dir(&inner).is_err());
    println!("moved {} {}", moved.is_file(), inner.is_dir());
    fs::remove_dir_all(dir.join("rust-data"))?;
    println!("removed {}", !dir.join("rust-data").exists());
    Ok(())
}

fn input() -> io::Result<()> {
    let mut longest = String::new();
    let mut count = 0;
    for line in io::stdin().lock().lines() {
        let line = line?;
        count += 1;
        if line.len() > longest.len() {
            longest = line;
        }
    }
    println!("input {} lines, longest {:?}", count, longest);
    Ok(())
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dir = arguments.get(0).expect("a directory");
    match arguments.get(1).map(String::as_str) {
        Some("exit") => {
            let code = arguments.get(2).and_then(|n| n.parse().ok());
            std::process::exit(code.unwrap_or(1));
        }
        Some("panic") => {
            let empty: Vec<u32> = arguments.iter().skip(9).map(|_| 1).collect();
            println!("before");
            println!("{}", empty[arguments.len()]);
        }
        Some("work") => {
            // What bench/run measures.
            let count: Option<u32> = arguments.get(2).and_then(|n| n.parse().ok());
            for _ in 0..count.unwrap_or(1) {
                collections();
                arithmetic();
                text();
            }
            return Ok(());
        }
        _ => {}
    }
    println!("greeting {:?}", std::env::var("GREETING"));
    println!("missing {:?}", std::env::var("NOT_THERE").is_err());
    println!("rest {:?}", &arguments[1..]);
    collections();
    arithmetic();
    shapes();
    text();
    files(Path::new(dir))?;
    input()
}
