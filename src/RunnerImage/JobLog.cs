namespace RunnerImage;

/// <summary>
/// The job's log, as far as the shim writes into it: on the standard error, since the actions read what buildx writes to
/// its standard output; the runner looks for workflow commands in both.
/// </summary>
/// <param name="stateFolder">Where it is kept what this job has already been told.</param>
/// <param name="error">The standard error.</param>
internal sealed class JobLog(string stateFolder, TextWriter error)
{
    private const string SaidFolder = "said";

    /// <summary>Says what this job has not heard yet, and every error.</summary>
    public void Say(IEnumerable<Message> messages)
    {
        foreach (var message in messages)
            if (message.Level == Message.ErrorLevel || IsNew(message.Kind))
                error.WriteLine(message.ToLine());
    }

    /// <summary>Takes the mark of a kind of message. Without a state folder each message is new: better twice than never.</summary>
    private bool IsNew(string kind)
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(stateFolder, SaidFolder));
            using var mark = new FileStream(Path.Combine(folder.FullName, kind), FileMode.CreateNew);
            return true;
        }
        catch (IOException) when (File.Exists(Path.Combine(stateFolder, SaidFolder, kind)))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
