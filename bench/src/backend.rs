//! The programs under measurement: starts them when they are called, and writes down what each call took.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::events::HttpEvent;
use crate::instance::{Instance, Invocation, Program};
use crate::process::Usage;
use crate::surroundings::Surroundings;

/// Memory is looked at again after this many events.
const SETTLED: usize = 100;

/// What became of a program's first event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cold {
    /// From the start of the process until it asked for an event.
    pub(crate) first_poll: Duration,
    /// From the start of the process until the first answer was there.
    pub(crate) first_answer: Duration,
    /// What it had used by then.
    pub(crate) usage: Usage,
}

/// What became of a later event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Warm {
    /// From the event to its answer.
    pub(crate) latency: Duration,
    /// From the event until the function was ready for the next one.
    pub(crate) occupied: Duration,
}

/// Everything measured of one program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) cold: Vec<Cold>,
    pub(crate) warm: Vec<Warm>,
    /// What one instance had used after [`SETTLED`] events.
    pub(crate) settled: Option<Usage>,
}

/// The programs, the running ones among them, and what was measured.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) surroundings: Surroundings,
    programs: BTreeMap<&'static str, Program>,
    running: BTreeMap<&'static str, (Instance, usize)>,
    measured: BTreeMap<&'static str, Measured>,
    logs: PathBuf,
}

impl Backend {
    pub(crate) fn new(surroundings: Surroundings, programs: Vec<Program>, logs: PathBuf) -> Self {
        let programs = programs.into_iter().map(|program| (program.name, program)).collect();
        Self { surroundings, programs, running: BTreeMap::new(), measured: BTreeMap::new(), logs }
    }

    /// Hands `event` to the program `name`, which is started when it does not run.
    pub(crate) async fn invoke(&mut self, name: &'static str, event: &str) -> Result<Invocation> {
        let measured = self.measured.entry(name).or_default();
        if let Some((instance, handled)) = self.running.get_mut(name) {
            let invocation = instance.invoke(event).await?;
            *handled += 1;
            if *handled == SETTLED {
                measured.settled = Some(instance.usage()?);
            }
            let latency = invocation.answered.duration_since(invocation.given);
            let occupied = invocation.ready.duration_since(invocation.given);
            measured.warm.push(Warm { latency, occupied });
            return Ok(invocation);
        }
        let program = self.programs.get(name).with_context(|| format!("there is no program {name}"))?;
        let mut instance = Instance::start(program, &self.surroundings.environment(), &self.logs).await?;
        let first_poll = instance.first_poll().await?;
        let invocation = instance.invoke(event).await?;
        let first_answer = instance.age_at(invocation.answered);
        measured.cold.push(Cold { first_poll, first_answer, usage: instance.usage()? });
        self.running.insert(name, (instance, 1));
        Ok(invocation)
    }

    /// Sends a request and expects this status.
    pub(crate) async fn request(
        &mut self,
        name: &'static str,
        event: &HttpEvent,
        status: u64,
    ) -> Result<HttpAnswer> {
        let invocation = self.invoke(name, &event.text()).await?;
        let answer: Value = serde_json::from_slice(&invocation.answer)?;
        if answer["statusCode"].as_u64() != Some(status) {
            bail!("{name} should have answered {status}: {answer}");
        }
        Ok(HttpAnswer(answer))
    }

    /// Stops a program, so that its next event meets a cold start.
    pub(crate) fn stop(&mut self, name: &str) {
        self.running.remove(name);
    }

    /// What was measured of the program `name`.
    pub(crate) fn measured(&self, name: &str) -> Measured {
        self.measured.get(name).cloned().unwrap_or_default()
    }
}

/// An HTTP answer as a function hands it to the gateway.
#[derive(Clone, Debug)]
pub(crate) struct HttpAnswer(Value);

impl HttpAnswer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        let body = self.0["body"].as_str().context("an answer without a body")?;
        Ok(serde_json::from_str(body)?)
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Result<&str> {
        let single = self.0["headers"][name].as_str();
        let value = single.or_else(|| self.0["multiValueHeaders"][name][0].as_str());
        value.with_context(|| format!("an answer without {name}: {}", self.0))
    }

    /// The first cookie that is set, without its attributes.
    pub(crate) fn cookie(&self) -> Result<&str> {
        let cookie = self.0["cookies"][0].as_str();
        cookie.and_then(|cookie| cookie.split(';').next()).context("no cookie is set")
    }
}
