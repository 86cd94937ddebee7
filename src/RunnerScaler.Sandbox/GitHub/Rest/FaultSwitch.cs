using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Lets somebody at the keyboard switch faults on and off while the sandbox runs.</summary>
internal static class FaultSwitch
{
    public const string Path = "/sandbox/faults";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter<RestFault>() },
    };

    /// <summary>
    /// Maps <c>GET</c> (the plan now) and <c>POST</c> (a new plan; what it does not name is off) of
    /// <see cref="Path"/>, for example <c>{"serverErrorShare":0.2,"latencyMax":"00:00:01"}</c>.
    /// </summary>
    public static void MapFaultEndpoint(this IEndpointRouteBuilder endpoints, RestFaults faults)
    {
        endpoints.MapGet(Path, http => http.Response.WriteAsJsonAsync(faults.Plan, Options, http.RequestAborted));
        endpoints.MapPost(Path, http => ReplaceAsync(http, faults));
    }

    private static async Task ReplaceAsync(HttpContext http, RestFaults faults)
    {
        try
        {
            faults.Plan = await http.Request.ReadFromJsonAsync<FaultPlan>(Options, http.RequestAborted)
                ?? FaultPlan.None;
            await http.Response.WriteAsJsonAsync(faults.Plan, Options, http.RequestAborted);
        }
        catch (JsonException fault)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await http.Response.WriteAsync(fault.Message, http.RequestAborted);
        }
    }
}
