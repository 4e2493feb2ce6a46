using System.Globalization;
using Director.Dataplane.Election;

namespace Director.Dataplane.Tests.Election.Simulation;

/// <summary>
/// One run: a storm of faults, then calm. Everything comes from the seed; events happen in the order of time, and of their making.
/// </summary>
internal sealed class Simulation
{
    // Far from 0, as the clock of a host that has been up for a while.
    private const long Begin = 1_000_000_000;

    private enum EventKind
    {
        Wake,
        Arrival,
        Input,
        Reserved,
        Fault,
        Restart,
    }

    private readonly record struct Event(
        EventKind Kind, int Director, int Incarnation = 0, int From = 0, long Sequence = 0, ElectionInput Input = default, ulong Number = 0);

    private readonly PriorityQueue<Event, (long At, long Order)> _events = new();
    private readonly Random _random;
    private readonly List<string>? _trace;
    private readonly Storm _storm;
    private long _order;
    private long _now = Begin;
    private double _hiccups;

    public Simulation(Scenario scenario, int seed, bool trace)
    {
        _random = new Random(seed);
        _trace = trace ? [] : null;
        Scenario = scenario;
        Network = new SimulatedNetwork(_random, scenario.Directors, scenario.AnnounceInterval / 8);
        Watch = new Watch(this);
        Directors = new SimulatedDirector[scenario.Directors];
        bool same = !scenario.Preempt && _random.Next(2) == 0;
        for (int i = 0; i < Directors.Length; i++)
        {
            ElectionSettings settings = new((ulong)(11 + i), (byte)(same ? 100 : 100 + (10 * i)), scenario.AnnounceInterval, preempt: scenario.Preempt);
            Directors[i] = new SimulatedDirector(this, i, settings);
        }
        _storm = new Storm(this, _random);
    }

    public Scenario Scenario { get; }

    public SimulatedDirector[] Directors { get; }

    public int DirectorCount => Scenario.Directors;

    public SimulatedNetwork Network { get; }

    public Watch Watch { get; }

    public bool IsTracing => _trace is not null;

    /// <summary>Runs a seed; with a violation runs it again for the trace, and throws.</summary>
    public static void Run(Scenario scenario, int seed)
    {
        string? violation = new Simulation(scenario, seed, trace: false).Run();
        if (violation is null)
            return;
        Simulation again = new(scenario, seed, trace: true);
        again.Run();
        IEnumerable<string> last = again._trace!.TakeLast(60);
        Assert.Fail($"{violation} ({scenario}; seed {seed})\n{string.Join('\n', last)}");
    }

    private string? Run()
    {
        long silence = Directors[0].Settings.Silence;
        _hiccups = _random.Next(2) == 0 ? 0 : 0.003;
        foreach (SimulatedDirector director in Directors)
            Restart(director, _random.NextInt64(4) * _random.NextInt64(silence));
        At(_now, new Event(EventKind.Fault, 0));
        RunUntil(_now + Scenario.Storm);
        _hiccups = 0;
        _storm.End(_now);
        Trace(null, "calm", 0);
        RunUntil(_now + (Scenario.SettledAfterSilences * silence));
        Watch.Settled(_now);
        for (long end = _now + (Scenario.QuietSilences * silence); _now < end && Watch.Violation is null;)
        {
            RunUntil(_now + (Scenario.AnnounceInterval / 8));
            Watch.StillSettled(_now);
        }
        return Watch.Violation;
    }

    public void Restart(SimulatedDirector director, long after) => At(_now + after, new Event(EventKind.Restart, director.Index));

    /// <summary>A thread that has another wake-up before it looks again then.</summary>
    public void WakeAt(SimulatedDirector director, long at)
    {
        at = Math.Max(Math.Max(at, _now), director.PausedUntil);
        if (director.WakesAt >= _now && director.WakesAt <= at)
            return;
        director.WakesAt = at + _random.NextInt64(200);
        At(director.WakesAt, new Event(EventKind.Wake, director.Index, director.Incarnation));
    }

    public void Send(Channel channel, int from, long sequence, in ElectionMessage message, long now)
    {
        for (int to = 0; to < DirectorCount; to++)
        {
            if (to == from)
                continue;
            (long first, long second) = Network.Arrivals(channel, from, to, now);
            Event arrival = new(EventKind.Arrival, to, 0, from, sequence, ElectionInput.Heard(message));
            if (first != 0)
                At(first, arrival);
            if (second != 0)
                At(second, arrival);
        }
    }

    /// <summary>What the others' directords hear of a director, if the cluster link carries it.</summary>
    public void TellOthers(SimulatedDirector about, in ElectionInput input, long longestDelay)
    {
        foreach (SimulatedDirector other in Directors)
        {
            if (other != about && !Network.IsCut(Channel.ClusterLink, about.Index, other.Index))
                At(_now + _random.NextInt64(longestDelay), new Event(EventKind.Input, other.Index, Input: input));
        }
    }

    public void Reserve(SimulatedDirector director, ulong until, long now)
    {
        long delay = _random.Next(10) == 0 ? _random.NextInt64(1_000_000) : _random.NextInt64(5_000);
        At(now + delay, new Event(EventKind.Reserved, director.Index, director.Incarnation, Number: until));
    }

    /// <summary>How long the thread is stopped between two acts; mostly not at all.</summary>
    public long Hiccup() => _hiccups > 0 && _random.NextDouble() < _hiccups ? _random.NextInt64(4 * Scenario.AnnounceInterval) : 0;

    public void Trace(SimulatedDirector? director, string what, long number = 0)
    {
        if (_trace is null)
            return;
        string who = director is null ? "--" : director.Settings.Id.ToString(CultureInfo.InvariantCulture);
        _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{(_now - Begin) / 1000.0,10:0.000} {who} {what}{(number == 0 ? "" : $" {number}")}"));
    }

    private void At(long at, in Event happening) => _events.Enqueue(happening, (at, _order++));

    private void RunUntil(long end)
    {
        while (Watch.Violation is null && _events.TryPeek(out _, out (long At, long Order) next) && next.At <= end)
        {
            Event happening = _events.Dequeue();
            _now = next.At;
            Happen(happening, Directors[happening.Director]);
        }
        _now = end;
    }

    private void Happen(in Event happening, SimulatedDirector director)
    {
        switch (happening.Kind)
        {
            case EventKind.Wake when happening.Incarnation == director.Incarnation:
                director.Run(_now);
                break;
            case EventKind.Arrival:
                director.Receive(happening.Sequence, happening.From, happening.Input, _now);
                break;
            case EventKind.Input:
                director.Give(happening.Input, _now);
                break;
            case EventKind.Reserved:
                bool works = !director.IsDiskFull;
                if (works)
                    director.EpochsOnDisk = Math.Max(director.EpochsOnDisk, happening.Number);
                if (happening.Incarnation == director.Incarnation)
                    director.Give(works ? ElectionInput.EpochsReserved(happening.Number) : ElectionInput.ReservationFailed, _now);
                break;
            case EventKind.Restart when !director.IsUp:
                Trace(director, "starts");
                director.Start(_now);
                At(_now + _random.NextInt64(100_000), new Event(EventKind.Input, director.Index, Input: ElectionInput.Eligible(true)));
                At(_now + _random.NextInt64(300_000), new Event(EventKind.Input, director.Index, Input: ElectionInput.Synced(true)));
                break;
            case EventKind.Fault when _storm.Happens(_now) is long next and > 0:
                At(_now + next, happening);
                break;
        }
    }
}
