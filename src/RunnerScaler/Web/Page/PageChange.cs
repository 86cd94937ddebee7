using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunnerScaler.Web.Page;

/// <summary>What makes one view of the page into a later one.</summary>
/// <param name="View">The later one.</param>
/// <param name="IsWhole">Whether it is all of it, for who has none or an unknown one.</param>
/// <param name="Parts">Pieces to replace.</param>
/// <param name="Lists">Lists to change.</param>
internal sealed record PageChange(
    PageView View, bool IsWhole, ImmutableArray<(string Name, Html Content)> Parts, ImmutableArray<ListChange> Lists)
{
    /// <summary>Nothing of it is read as markup: the script parses it as JSON.</summary>
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="before">What is there; null for nothing.</param>
    /// <param name="after">What is to be there.</param>
    public static PageChange Of(PageView? before, PageView after)
    {
        var known = before ?? PageView.Empty;
        var parts = known.Parts.ToDictionary(p => p.Name, p => p.Content);
        return new(
            after, before is null,
            [.. after.Parts.Where(p => !parts.TryGetValue(p.Name, out var content) || content != p.Content)],
            [
                .. after.Lists.Select(l => ListChange.Of(l.Name, known.List(l.Name), l.Rows))
                    .Where(l => before is null || !l.IsEmpty),
            ]);
    }

    /// <summary>As one event of a stream
    /// (<see href="https://html.spec.whatwg.org/multipage/server-sent-events.html">server-sent events</see>).</summary>
    public byte[] ToEvent()
    {
        using var bytes = new MemoryStream();
        bytes.Write("id: "u8);
        bytes.Write(System.Text.Encoding.ASCII.GetBytes(View.Version));
        bytes.Write("\ndata: "u8);
        using (var json = new Utf8JsonWriter(bytes, Plain))
            Write(json);
        bytes.Write("\n\n"u8);
        return bytes.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("now", View.At.ToUnixTimeMilliseconds());
        json.WriteBoolean("whole", IsWhole);
        json.WriteStartObject("parts");
        foreach (var (name, content) in Parts)
            json.WriteString(name, content.Text);
        json.WriteEndObject();
        json.WriteStartObject("lists");
        foreach (var list in Lists)
            list.Write(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <summary>What makes one list of rows into a later one.</summary>
/// <param name="Name">The list.</param>
/// <param name="Gone">The keys of rows to take out first.</param>
/// <param name="Put">
/// Rows to put in, with the places that they have in the end, in their order. Those with keys that are there are taken
/// out first; all others keep their order.
/// </param>
internal sealed record ListChange(string Name, ImmutableArray<string> Gone, ImmutableArray<(int At, PageRow Row)> Put)
{
    public bool IsEmpty => Gone.IsEmpty && Put.IsEmpty;

    public static ListChange Of(string name, ImmutableArray<PageRow> before, ImmutableArray<PageRow> after)
    {
        var places = before.Select((row, i) => (row.Key, i)).ToDictionary(r => r.Key, r => r.i);
        var keys = after.Select(r => r.Key).ToHashSet();
        var put = ImmutableArray.CreateBuilder<(int, PageRow)>();
        var last = -1;
        foreach (var (at, row) in after.Index())
        {
            // A row stays where it is if it is the same and comes after the one that stays before it.
            if (places.TryGetValue(row.Key, out var place) && place > last && before[place] == row)
                last = place;
            else
                put.Add((at, row));
        }
        return new(name, [.. before.Select(r => r.Key).Where(k => !keys.Contains(k))], put.ToImmutable());
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Name);
        json.WriteStartArray("gone");
        foreach (var key in Gone)
            json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteStartArray("put");
        foreach (var (at, row) in Put)
        {
            json.WriteStartArray();
            json.WriteNumberValue(at);
            json.WriteStringValue(row.Key);
            json.WriteStringValue(row.Content.Text);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
