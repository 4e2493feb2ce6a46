using System.Net.Sockets;
using Akka.Configuration;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Host.Configuration;
using Director.Host.Marks;
using Director.Host.Tests.Marks;
using Microsoft.AspNetCore.Builder;

namespace Director.Host.Tests;

/// <summary>A whole directord in this process: actors, journal and HTTP are real, the engine is in memory.</summary>
internal sealed class ServingDirector : IAsyncDisposable
{
    private readonly DataDirectory _data;

    private ServingDirector(DataDirectory data, WebApplication application, DirectorOptions options)
    {
        _data = data;
        Application = application;
        Local = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, cancellation) => ConnectAsync(options.ManagementSocket, cancellation) })
        {
            BaseAddress = new Uri("http://director"),
        };
        string tcp = application.Urls.Single(url => !url.Contains("unix:", StringComparison.Ordinal));
        Remote = new HttpClient { BaseAddress = new Uri(tcp) };
    }

    public WebApplication Application { get; }

    /// <summary>Over the Unix socket.</summary>
    public HttpClient Local { get; }

    /// <summary>Over TCP.</summary>
    public HttpClient Remote { get; }

    public static DirectorOptions Options(string folder) => new()
    {
        File = "test",
        Name = "a",
        DataDirectory = folder,
        Engine = new EngineConfiguration { Interfaces = ["eth0"] },
        EngineSocket = Path.Combine(folder, "engine.sock"),
        ManagementSocket = Path.Combine(folder, "director.sock"),
        HttpHostname = "127.0.0.1",
        HttpPort = 0,
        Akka = ConfigurationFactory.Empty,
    };

    public static async Task<ServingDirector> StartAsync(DirectorOptions options, FakeEngine engine, string? failure = null, HostMarks? hostMarks = null)
    {
        DataDirectory data = DataDirectory.Hold(options.DataDirectory);
        WebApplication? application = null;
        try
        {
            application = DirectorApplication.Create(options, data, new FakeEngineSource(engine) { Failure = failure }, Capabilities.Recorded, new FixedHostMarks(hostMarks ?? HostMarks.None));
            await application.StartAsync();
            return new ServingDirector(data, application, options);
        }
        catch
        {
            if (application is not null)
                await application.DisposeAsync();
            data.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Local.Dispose();
        Remote.Dispose();
        await Application.StopAsync();
        await Application.DisposeAsync();
        _data.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
