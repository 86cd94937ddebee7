using System.Text.Json;

namespace RunnerImage.Builders;

/// <summary>The builder's state as the entrypoint last left it.</summary>
internal static class StoredState
{
    /// <returns>Null if there is none, or something that is none.</returns>
    public static BuilderState? Read(string stateFolder)
    {
        try
        {
            var state = JsonSerializer.Deserialize(
                File.ReadAllBytes(Path.Combine(stateFolder, BuilderState.FileName)),
                BuilderStateJson.Default.BuilderState);
            return state?.State is BuilderState.Waiting or BuilderState.Ready or BuilderState.Failed ? state : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
