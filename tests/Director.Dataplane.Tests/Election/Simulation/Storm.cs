using Director.Dataplane.Election;

namespace Director.Dataplane.Tests.Election.Simulation;

/// <summary>Faults, one after the other, until it ends.</summary>
internal sealed class Storm(Simulation simulation, Random random)
{
    private static readonly double[][] LossProfiles = [[0, 0], [0.03, 0.03], [0.5, 0.0005], [0.0005, 0.5]];

    private readonly long _interval = simulation.Scenario.AnnounceInterval;
    private bool _isOver;

    /// <summary>Makes one fault.</summary>
    /// <returns>Microseconds until the next; 0 when it is over.</returns>
    public long Happens(long now)
    {
        if (_isOver)
            return 0;
        SimulatedDirector director = simulation.Directors[random.Next(simulation.DirectorCount)];
        switch (random.Next(16))
        {
            case 0 or 1:
                director.Pause(now + Duration(12), now);
                break;
            case 2 when random.Next(4) == 0:
                director.Pause(now + Duration(60), now);
                break;
            case 3:
                Kill(director, ElectionInput.PeerDead(director.Settings.Id));
                break;
            case 4:
                Kill(director, ElectionInput.PeerGone(director.Settings.Id));
                break;
            case 5 or 6 or 7:
                CutSomething(now);
                break;
            case 8 or 9:
                Heal(now);
                break;
            case 10:
                LossProfiles[random.Next(LossProfiles.Length)].CopyTo(simulation.Network.Loss, 0);
                break;
            case 11:
                simulation.Network.Stall(now + random.NextInt64(100_000));
                break;
            case 12:
                simulation.Trace(director, "told to resign");
                director.Give(ElectionInput.Resign(0, ElectionReason.Planned), now);
                break;
            case 13:
                SetFacts(director, now);
                break;
            case 14:
                director.SetCarrier(!director.HasCarrier, now);
                CutPort(director, !director.HasCarrier, now);
                break;
            case 15:
                simulation.TellOthers(director, ElectionInput.PeerGone(director.Settings.Id), 30_000); // its directord died
                break;
        }
        return 1 + random.NextInt64(5 * _interval);
    }

    /// <summary>Calm: all is well again, but some directors may be dead for good.</summary>
    public void End(long now)
    {
        _isOver = true;
        bool allLive = random.Next(4) != 0;
        foreach (SimulatedDirector director in simulation.Directors)
            director.SetCarrier(true, now);
        Heal(now);
        foreach (SimulatedDirector director in simulation.Directors)
        {
            director.IsDiskFull = false;
            director.Resume(now);
            director.Give(ElectionInput.Fit, now);
            director.Give(ElectionInput.Eligible(true), now);
            director.Give(ElectionInput.Synced(true), now);
            if (!director.IsUp && (allLive || director.Index == 0))
                simulation.Restart(director, 0);
        }
    }

    private void Heal(long now)
    {
        simulation.Trace(null, "network heals");
        simulation.Network.Heal(now);
        foreach (SimulatedDirector director in simulation.Directors.Where(director => !director.HasCarrier))
            CutPort(director, true, now);
    }

    private void Kill(SimulatedDirector director, in ElectionInput rumour)
    {
        if (!director.IsUp)
            return;
        simulation.Trace(director, $"dies ({rumour.Kind})");
        director.Die();
        if (random.Next(4) != 0)
            simulation.TellOthers(director, rumour, 30_000);
        if (random.Next(20) == 0)
        {
            director.EpochsOnDisk = 0;
            simulation.Watch.DiskLost();
        }
        simulation.Restart(director, 20_000 + random.NextInt64(20 * _interval));
    }

    private void CutSomething(long now)
    {
        int from = random.Next(simulation.DirectorCount);
        int to = (from + 1 + random.Next(simulation.DirectorCount - 1)) % simulation.DirectorCount;
        Channel channel = (Channel)random.Next(2);
        bool oneWay = random.Next(3) == 0;
        simulation.Trace(null, $"{channel} cut from {11 + from} to {11 + to}{(oneWay ? "" : " and back")}");
        simulation.Network.Cut(channel, from, to, true, now);
        if (!oneWay)
            simulation.Network.Cut(channel, to, from, true, now);
    }

    private void CutPort(SimulatedDirector director, bool cut, long now)
    {
        simulation.Trace(director, cut ? "loses carrier" : "finds carrier");
        for (int other = 0; other < simulation.DirectorCount; other++)
        {
            if (other == director.Index)
                continue;
            simulation.Network.Cut(Channel.Segment, director.Index, other, cut, now);
            simulation.Network.Cut(Channel.Segment, other, director.Index, cut, now);
        }
    }

    private void SetFacts(SimulatedDirector director, long now)
    {
        director.IsDiskFull = random.Next(4) == 0;
        director.Give(random.Next(3) == 0 ? ElectionInput.Unfit : ElectionInput.Fit, now);
        director.Give(ElectionInput.Synced(random.Next(3) != 0), now);
        director.Give(ElectionInput.Eligible(random.Next(4) != 0), now);
    }

    // Mostly short: about a lease is where it matters.
    private long Duration(int intervals) => random.NextInt64(1 + random.NextInt64(intervals * _interval));
}
