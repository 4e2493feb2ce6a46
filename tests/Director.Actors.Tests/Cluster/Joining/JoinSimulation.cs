using Akka.Cluster;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Joining;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Tests.Cluster.Joining;

/// <summary>
/// Directors that start, die, are cut off and joined up again in virtual time, over a model of Akka's membership without downing: a
/// node joins one cluster in its life, members spread by gossip among those that reach each other, a node that joins from an address
/// takes the place of the one before it there, a newcomer is let in only where a member sees it.
/// </summary>
internal sealed class JoinSimulation
{
    private const int StepMilliseconds = 50;
    private const int HelloEvery = 500;
    private const int GossipEvery = 200;

    private readonly Random _chance;
    private readonly Node[] _nodes;
    private readonly bool[,] _cut;
    private readonly List<string> _trace = [];
    private int _now;
    private int _uids;

    public JoinSimulation(int seed, int count)
    {
        _chance = new Random(seed);
        string[] addresses = [.. Enumerable.Range(1, count).Select(n => $"akka.tcp://director@10.3.0.{n}:4053")];
        _nodes = [.. addresses.Select((address, index) => new Node(index, new JoinSettings(address, [.. addresses.Where(other => other != address)])))];
        _cut = new bool[count, count];
    }

    public string Trace => string.Join('\n', _trace.TakeLast(40));

    public int Restarts { get; private set; }

    /// <summary>Some seconds in which anything happens.</summary>
    public void Storm(int milliseconds)
    {
        for (int end = _now + milliseconds; _now < end; Advance())
        {
            if (_chance.Next(500 / StepMilliseconds) == 0)
                Mishap();
        }
    }

    /// <summary>Everything is mended and stays so.</summary>
    /// <returns>How long it took until all were members of one cluster that lasts to the end, in milliseconds.</returns>
    public int? Calm(int milliseconds)
    {
        Array.Clear(_cut);
        foreach (Node node in _nodes.Where(node => !node.Runs && node.StartsAt is null))
            Start(node, 0);
        Log("calm");
        int began = _now;
        int? since = null;
        for (int end = _now + milliseconds; _now < end; Advance())
            since = IsOne() ? since ?? _now - began : null;
        return since;
    }

    private bool IsOne() => _nodes.All(node => node.Runs && node.View.Count == _nodes.Length
        && _nodes.All(other => node.View.TryGetValue(other.Address, out (int Uid, bool) member) && member.Uid == other.Uid));

    private void Mishap()
    {
        Node node = _nodes[_chance.Next(_nodes.Length)];
        Node other = _nodes[_chance.Next(_nodes.Length)];
        switch (_chance.Next(6))
        {
            case 0 when node.Runs:
                Log($"{node} dies");
                End(node);
                break;
            case 0 or 1 when !node.Runs && node.StartsAt is null:
                Start(node, 0);
                break;
            case 2 or 3 or 4:
                Log($"cut {node} from {other}");
                (_cut[node.Index, other.Index], _cut[other.Index, node.Index]) = (true, true);
                break;
            case 5:
                Log($"{node} reaches {other}");
                (_cut[node.Index, other.Index], _cut[other.Index, node.Index]) = (false, false);
                break;
        }
    }

    private void Advance()
    {
        _now += StepMilliseconds;
        foreach (Node node in _nodes)
        {
            if (node.StartsAt <= _now)
                Begin(node);
            if (!node.Runs)
                continue;
            if ((_now + node.Index * 100) % GossipEvery == 0)
                Gossip(node);
            if (node.JoinTarget is { } target)
                TryJoin(node, target);
            if ((_now + node.Index * 150) % HelloEvery == 0)
                SayHello(node);
        }
    }

    private void Start(Node node, int delay) => node.StartsAt = _now + delay;

    private void Begin(Node node)
    {
        node.StartsAt = null;
        node.Runs = true;
        node.Uid = ++_uids;
        node.State = JoinState.Begin(Time, node.State);
        Log($"{node} starts");
    }

    private static void End(Node node)
    {
        node.Runs = false;
        node.JoinTarget = null;
        node.View.Clear();
    }

    private void SayHello(Node from)
    {
        Step(from, new JoinInput.Tick());
        foreach (Node to in _nodes.Where(to => to != from && to.Runs && Reach(from, to)))
        {
            Step(to, new JoinInput.Hello(new ContactHello
            {
                Name = $"{from.Index}",
                Address = from.Address,
                Incarnation = (ulong)from.Uid,
                Uptime = 0,
                Protocols = new ProtocolRange(1, 1),
                Version = "",
                Members = Members(from),
            }));
        }
    }

    private void Step(Node node, JoinInput input)
    {
        (node.State, JoinEffect? effect) = JoinStep.Step(node.Settings, node.State, input, Time);
        if (effect is not null)
            Log($"{node}: {effect}");
        switch (effect)
        {
            case JoinEffect.Found when node.View.Count == 0:
                node.View[node.Address] = (node.Uid, true);
                Show(node);
                break;
            case JoinEffect.Join join when node.View.Count == 0:
                node.JoinTarget = join.Address;
                break;
            case JoinEffect.Restart:
                Restarts++;
                End(node);
                Start(node, 300 + _chance.Next(1200));
                break;
            case JoinEffect.Down down:
                node.View.Remove(down.Address);
                break;
        }
    }

    private void TryJoin(Node node, string target)
    {
        Node at = _nodes.Single(one => one.Address == target);
        if (!at.Runs || at.View.Count == 0 || !Reach(node, at))
            return;
        at.View[node.Address] = (node.Uid, true);
        node.JoinTarget = null;
        foreach ((string address, (int, bool) member) in at.View)
            node.View[address] = member;
        Show(node);
        Show(at);
    }

    // Both learn what the other knows, if each counts the other as a member; who is newer at an address wins.
    private void Gossip(Node node)
    {
        foreach (Node other in _nodes.Where(other => other != node && other.Runs && Counts(node, other) && Counts(other, node)))
        {
            if (!Reach(node, other))
                continue;
            foreach (string address in node.View.Keys.Union(other.View.Keys).ToArray())
            {
                int uid = Math.Max(node.View.GetValueOrDefault(address).Uid, other.View.GetValueOrDefault(address).Uid);
                node.View[address] = (uid, true);
                other.View[address] = (uid, true);
            }
            Show(other);
        }
        if (node.View.Count > 0)
            Show(node);
    }

    private void Show(Node node)
    {
        // A node that learns that another took its place is shut down by Akka.
        if (!Counts(node, node))
        {
            Log($"{node} was replaced");
            End(node);
            Start(node, 300);
            return;
        }
        foreach (string address in node.View.Keys.ToArray())
        {
            Node member = _nodes.Single(one => one.Address == address);
            node.View[address] = (node.View[address].Uid, member.Runs && member.Uid == node.View[address].Uid && Reach(node, member));
        }
        Step(node, new JoinInput.Members(Members(node)));
    }

    private static System.Collections.Immutable.ImmutableArray<ClusterMember> Members(Node node) =>
        [.. node.View.Select(member => new ClusterMember(member.Key, member.Value.Uid, MemberStatus.Up, member.Value.Reachable))];

    private static bool Counts(Node node, Node other) => node.View.TryGetValue(other.Address, out (int Uid, bool) member) && member.Uid == other.Uid;

    private bool Reach(Node a, Node b) => a == b || !_cut[a.Index, b.Index];

    private TimeSpan Time => TimeSpan.FromMilliseconds(_now);

    private void Log(string what) => _trace.Add($"{_now,6} {what}");

    private sealed class Node(int index, JoinSettings settings)
    {
        public int Index => index;

        public JoinSettings Settings => settings;

        public string Address => settings.Self;

        public bool Runs { get; set; }

        public int Uid { get; set; }

        public int? StartsAt { get; set; }

        public string? JoinTarget { get; set; }

        public JoinState State { get; set; } = JoinState.Begin(TimeSpan.Zero);

        public Dictionary<string, (int Uid, bool Reachable)> View { get; } = new(StringComparer.Ordinal);

        public override string ToString() => $"{(char)('a' + index)}#{Uid}";
    }
}
