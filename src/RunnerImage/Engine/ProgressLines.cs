using System.Text.Json;

namespace RunnerImage.Engine;

/// <summary>What docker prints while it waits: a line of JSON for each.</summary>
internal sealed class ProgressLines(Stream stream)
{
    public void Say(string status) => Write(new(Status: status));

    /// <summary>Prints a line as it is.</summary>
    public void Print(string text) => Write(new(Stream: text + "\n"));

    public void Pushed(PushedImage image) => Write(new(Aux: image));

    /// <summary>Makes the command fail.</summary>
    public void Fail(string reason) => Write(new(Error: reason, ErrorDetail: new(reason)));

    private void Write(Progress line)
    {
        stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, EngineJson.Default.Progress), .. "\r\n"u8]);
        stream.Flush();
    }
}
