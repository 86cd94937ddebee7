using System.Text.Json;

namespace RunnerScaler.Protocol;

/// <summary>How long the parts of a pod's start took; null for what did not happen.</summary>
/// <param name="Builder">From the start until the builder listened.</param>
/// <param name="Claim">From the start until the first claim was sent.</param>
/// <param name="Listener">From the granted claim until GitHub's runner was started.</param>
internal readonly record struct StartTimes(TimeSpan? Builder, TimeSpan? Claim, TimeSpan? Listener)
{
    public static StartTimes Read(JsonElement times) => new(
        JsonSeconds.Read(times, "builder"), JsonSeconds.Read(times, "claim"), JsonSeconds.Read(times, "listener"));

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        Write(json, "builder", Builder);
        Write(json, "claim", Claim);
        Write(json, "listener", Listener);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, TimeSpan? time)
    {
        if (time is { } value && JsonSeconds.IsTold(value))
            JsonSeconds.Write(json, name, value);
    }
}
