namespace Director.Lab.Tests.Harness;

/// <summary>A real nginx on a lab host: <c>/</c> answers the host's name, files of <see cref="Folder"/> are served and, with PUT, taken.</summary>
public sealed class Nginx
{
    private readonly LabHost _host;
    private readonly string _log;

    private Nginx(LabHost host, string folder, string log)
    {
        _host = host;
        Folder = folder;
        _log = log;
    }

    public string Folder { get; }

    private LabProcess? Process { get; set; }

    /// <summary>Returns once it listens; <paramref name="listen"/> is a port, or address:port, and what nginx takes after it. None: port 80.</summary>
    public static async Task<Nginx> StartAsync(LabHost host, params string[] listen)
    {
        string folder = Path.Combine(host.Scratch, "nginx");
        Directory.CreateDirectory(folder);
        string listens = listen.Length == 0 ? "listen 80;" : string.Join(' ', listen.Select(each => $"listen {each};"));
        Nginx nginx = new(host, folder, Path.Combine(host.Logs, $"{host.Name}-access.log"));
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            user root;
            daemon off;
            worker_processes 1;
            pid {{folder}}/pid;
            error_log stderr;
            events { worker_connections 4096; }
            http {
              log_format lab '$remote_addr $request_uri $status $proxy_protocol_addr $proxy_protocol_server_addr';
              access_log {{nginx._log}} lab;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              keepalive_requests 1000000;
              keepalive_timeout 600s;
              sendfile on;
              server {
                {{listens}}
                default_type text/plain;
                root {{folder}};
                location = / { return 200 "{{host.Name}}\n"; }
                client_max_body_size 0;
                dav_methods PUT;
              }
            }
            """, TestContext.Current.CancellationToken);
        await nginx.StartAsync();
        return nginx;
    }

    /// <summary>Again, after <see cref="StopAsync"/>.</summary>
    public async Task StartAsync()
    {
        Process = _host.Start("nginx", $"nginx -p {Folder} -c {Folder}/nginx.conf -e stderr");
        await Eventually.TrueAsync($"nginx on {_host.Name} listens", async () => (await _host.TryAsync("ss -Hltn | grep -q :80")).ExitCode == 0,
            state: () => Task.FromResult(Process.Printed()));
    }

    public Task StopAsync() => Process!.StopAsync();

    /// <summary>Client addresses of every request so far, as nginx saw them.</summary>
    public string[] Clients() => [.. Requests().Select(words => words[0])];

    /// <summary>Client and VIP of every request so far, as the PROXY protocol told; <c>- -</c> of one that came without.</summary>
    public string[] Introductions() => [.. Requests().Select(words => $"{words[3]} {words[4]}")];

    private IEnumerable<string[]> Requests() => File.Exists(_log) ? File.ReadLines(_log).Select(line => line.Split(' ')) : [];
}
