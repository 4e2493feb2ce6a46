using BenchmarkDotNet.Attributes;
using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Benchmarks.Scheduling;

/// <summary>
/// A choice, and the making of a service server by server. Of the static and hashing schedulers (rr, wrr, dh, sh, mh) a choice takes
/// about as long among a thousand servers as among ten. Of Choose the column Allocated must be empty.
/// </summary>
public class SchedulerBenchmark
{
    private const int Batch = 1000;

    private readonly SchedulingContext _context = new(seed: 1);
    private Service _service = null!;
    private uint _client;

    [Params(10, 1000)]
    public int Servers { get; set; }

    [ParamsSource(nameof(Schedulers))]
    public string Scheduler { get; set; } = "";

    public static IEnumerable<string> Schedulers => SchedulerRegistry.Names;

    [GlobalSetup]
    public void Fill() => _service = AddAll();

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Choose()
    {
        int chosen = 0;
        for (int i = 0; i < Batch; i++)
        {
            _client += 7;
            if (_service.Scheduler.Choose(_service, new FlowKey(IpProtocol.Tcp, _client, 1024, 0x0A090000 + _client % 5000, 80)) is not null)
                chosen++;
        }
        return chosen;
    }

    [Benchmark]
    public Service AddAll()
    {
        Service service = new(new VirtualService { Key = ServiceKey.ForMark(1), Scheduler = Scheduler }, _context);
        for (uint number = 1; number <= Servers; number++)
        {
            RealServer server = new() { Address = IpAddress.FromIpv4(0x0A020000 + number).ToIPAddress(), Port = 80, Weight = (int)(number % 10) + 1 };
            service.Add(new Server(server, number));
            service.Scheduler.Choose(service, default);
        }
        return service;
    }
}
