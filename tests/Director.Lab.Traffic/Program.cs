using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Director.Lab.Traffic;

// Traffic for lab tests. Each verb runs until it is done or until SIGTERM, then prints one line of JSON.
using CancellationTokenSource stop = new();
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        stop.Cancel();
    });

switch (args)
{
    case ["keep-alive", var target, var connections, var patience]:
        await KeepAlive.RunAsync(IPEndPoint.Parse(target), int.Parse(connections, CultureInfo.InvariantCulture),
            TimeSpan.FromSeconds(int.Parse(patience, CultureInfo.InvariantCulture)), stop.Token);
        return 0;
    case ["sink", var port]:
        await Bulk.ReceiveAsync(int.Parse(port, CultureInfo.InvariantCulture), proxied: false, stop.Token);
        return 0;
    case ["sink", var port, "proxy-protocol"]:
        await Bulk.ReceiveAsync(int.Parse(port, CultureInfo.InvariantCulture), proxied: true, stop.Token);
        return 0;
    case ["send", var target, var bytes]:
        await Bulk.SendAsync(IPEndPoint.Parse(target), long.Parse(bytes, CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["udp-echo", var port, var name]:
        await UdpEcho.ServeAsync(new IPEndPoint(IPAddress.IPv6Any, int.Parse(port, CultureInfo.InvariantCulture)), name, stop.Token);
        return 0;
    case ["udp-echo", var port, var name, var address]:
        await UdpEcho.ServeAsync(new IPEndPoint(IPAddress.Parse(address), int.Parse(port, CultureInfo.InvariantCulture)), name, stop.Token);
        return 0;
    case ["udp-ask", var target, var questions]:
        return await UdpEcho.AskAsync(IPEndPoint.Parse(target), int.Parse(questions, CultureInfo.InvariantCulture), stop.Token);
    case ["udp-gap", var target]:
        UdpGap.Run(IPEndPoint.Parse(target), stop.Token);
        return 0;
    case ["udp-open", var device, var target, var mac, var rate, var first, var count]:
        UdpOpenings.Run(device, IPEndPoint.Parse(target), PhysicalAddress.Parse(mac), int.Parse(rate, CultureInfo.InvariantCulture),
            long.Parse(first, CultureInfo.InvariantCulture), long.Parse(count, CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["udp-sink", var port]:
        await UdpEcho.SwallowAsync(int.Parse(port, CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["unwrap", var device, "ipip" or "gre"]:
        await TunnelEnd.RunAsync(device, args[2], port: 0, stop.Token);
        return 0;
    case ["unwrap", var device, "gue", var port]:
        await TunnelEnd.RunAsync(device, "gue", int.Parse(port, CultureInfo.InvariantCulture), stop.Token);
        return 0;
    case ["claim", var device, var address, var frames]:
        await Forgery.ClaimAsync(device, IPAddress.Parse(address), int.Parse(frames, CultureInfo.InvariantCulture));
        return 0;
    case ["replay", var device, var file]:
        await Forgery.ReplayAsync(device, file, stop.Token);
        return 0;
    default:
        Console.Error.WriteLine("usage: lab-traffic keep-alive IP:PORT CONNECTIONS PATIENCE-IN-SECONDS | sink PORT [proxy-protocol] | send IP:PORT BYTES | udp-echo PORT NAME [ADDRESS] | udp-ask IP:PORT QUESTIONS | udp-gap IP:PORT | udp-open DEVICE IP:PORT MAC RATE FIRST COUNT | udp-sink PORT | unwrap DEVICE ipip|gre|gue [PORT] | claim DEVICE IP FRAMES | replay DEVICE PCAP");
        return 2;
}
