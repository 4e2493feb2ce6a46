using System.Net;
using System.Text.Json.Serialization;

namespace Director.Model;

/// <summary>
/// One change as an operator asks for it. A batch of them (<c>POST /api/v1/commands</c>) is one transaction of the journal
/// and one revision of the forwarding table; like <c>ipvsadm -R</c>, a command that is refused does not stop the ones after it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(AddService), "add-service")]
[JsonDerivedType(typeof(EditService), "edit-service")]
[JsonDerivedType(typeof(DeleteService), "delete-service")]
[JsonDerivedType(typeof(Clear), "clear")]
[JsonDerivedType(typeof(AddServer), "add-server")]
[JsonDerivedType(typeof(EditServer), "edit-server")]
[JsonDerivedType(typeof(DeleteServer), "delete-server")]
[JsonDerivedType(typeof(Zero), "zero")]
[JsonDerivedType(typeof(SetTimeouts), "set-timeouts")]
[JsonDerivedType(typeof(AddMarks), "add-marks")]
[JsonDerivedType(typeof(DeleteMarks), "delete-marks")]
[JsonDerivedType(typeof(DeleteMark), "delete-mark")]
[JsonDerivedType(typeof(ClearMarks), "clear-marks")]
[JsonDerivedType(typeof(SetSettings), "set-settings")]
[JsonDerivedType(typeof(StartDaemon), "start-daemon")]
[JsonDerivedType(typeof(StopDaemon), "stop-daemon")]
public abstract record DirectorCommand;

/// <summary><c>-A</c>. <see cref="VirtualService.Servers"/> may already hold servers (declared services).</summary>
public sealed record AddService(VirtualService Service) : DirectorCommand;

/// <summary><c>-E</c>: everything but key and servers is replaced.</summary>
public sealed record EditService(VirtualService Service) : DirectorCommand;

/// <summary><c>-D</c>.</summary>
public sealed record DeleteService(ServiceKey Service) : DirectorCommand;

/// <summary><c>-C</c>.</summary>
public sealed record Clear : DirectorCommand;

/// <summary><c>-a</c>.</summary>
public sealed record AddServer(ServiceKey Service, RealServer Server) : DirectorCommand;

/// <summary><c>-e</c>: everything but address and port is replaced.</summary>
public sealed record EditServer(ServiceKey Service, RealServer Server) : DirectorCommand;

/// <summary><c>-d</c>.</summary>
public sealed record DeleteServer(ServiceKey Service, IPAddress Address, ushort Port) : DirectorCommand;

/// <summary><c>-Z</c>; null zeroes every service.</summary>
public sealed record Zero(ServiceKey? Service = null) : DirectorCommand;

/// <summary><c>--set</c>.</summary>
public sealed record SetTimeouts(Timeouts Timeouts) : DirectorCommand;

/// <summary><c>director mark add</c>: behind every rule that is there, all or none.</summary>
public sealed record AddMarks(MarkRule[] Rules) : DirectorCommand;

/// <summary><c>director mark delete RULE</c>: all or none.</summary>
public sealed record DeleteMarks(MarkRule[] Rules) : DirectorCommand;

/// <summary><c>director mark delete NUMBER</c>: by its number in the listing, from 1.</summary>
public sealed record DeleteMark(int Number) : DirectorCommand;

/// <summary><c>director mark clear</c>: every rule that was added by command.</summary>
public sealed record ClearMarks : DirectorCommand;

/// <summary><c>director set</c>: these settings by their names (<see cref="SettingDefinition"/>), all or none.</summary>
public sealed record SetSettings(SortedDictionary<string, int> Values) : DirectorCommand;

/// <summary><c>--start-daemon</c>: remembered and listed, see <see cref="SyncDaemon"/>.</summary>
public sealed record StartDaemon(SyncDaemon Daemon) : DirectorCommand;

/// <summary><c>--stop-daemon</c>.</summary>
public sealed record StopDaemon(SyncRole Role) : DirectorCommand;
