#include "ingest/internal/surnames.h"

#include <algorithm>

#include "base/check.h"
#include "ingest/internal/permutation.h"

namespace cloison::ingest::internal {
namespace {

// clang-format off
// The order is the rank: the first name is the most frequent one.
constexpr std::string_view kListedFrench[] = {
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau",
    "Laurent", "Simon", "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel",
    "Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Vincent",
    "Muller", "Lefebvre", "Faure", "André", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier",
    "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Robin", "Clément",
    "Morin", "Nicolas", "Henry", "Roussel", "Mathieu", "Gautier", "Masson", "Marchand", "Duval",
    "Denis", "Dumont", "Marie", "Lemaire", "Noël", "Meyer", "Dufour", "Meunier", "Brun",
    "Blanchard", "Giraud", "Joly", "Rivière", "Lucas", "Brunet", "Gaillard", "Barbier", "Arnaud",
    "Martinez", "Gérard", "Roche", "Renard", "Schmitt", "Roy", "Leroux", "Colin", "Vidal", "Caron",
    "Picard", "Roger", "Fabre", "Aubert", "Lemoine", "Renaud", "Dumas", "Lacroix", "Olivier",
    "Philippe", "Bourgeois", "Pierre", "Benoît", "Rey", "Leclerc", "Payet", "Rolland", "Leclercq",
    "Guillaume", "Lecomte", "Lopez", "Jean", "Dupuy", "Guillot", "Hubert", "Berger", "Carpentier",
    "Sanchez", "Dupuis", "Moulin", "Louis", "Deschamps", "Huet", "Vasseur", "Perez", "Boucher",
    "Fleury", "Royer", "Klein", "Jacquet", "Adam", "Paris", "Poirier", "Marty", "Aubry", "Guyot",
    "Carré", "Charles", "Renault", "Charpentier", "Ménard", "Maillard", "Baron", "Bertin",
    "Bailly", "Hervé", "Schneider", "Fernandez", "Le Gall", "Collet", "Léger", "Bouvier", "Julien",
    "Prévost", "Millet", "Perrot", "Daniel", "Le Roux", "Cousin", "Germain", "Breton", "Besson",
    "Langlois", "Rémy", "Le Goff", "Pelletier", "Lévêque", "Perrier", "Leblanc", "Barré", "Lebrun",
    "Marchal", "Weber", "Mallet", "Hamon", "Boulanger", "Jacob", "Monnier", "Michaud", "Rodriguez",
    "Guichard", "Gillet", "Étienne", "Grondin", "Poulain", "Tessier", "Chevallier", "Collin",
    "Chauvin", "Da Silva", "Bouchet", "Gay", "Lemaître", "Bénard", "Maréchal", "Humbert",
    "Reynaud", "Antoine", "Hoarau", "Perret", "Barthélémy", "Cordier", "Pichon", "Lejeune",
    "Gilbert", "Lamy", "Delaunay", "Pasquier", "Carlier", "Laporte", "Chauvet", "Gros", "Gilles",
    "Buisson", "Mace", "Maurice", "Guillet", "Legros", "Bouchard", "Bazin", "Guillon", "Blondel",
    "Chevrier", "Valentin", "Besnard", "Pons", "Verdier", "Bigot", "Regnier", "Lebreton",
    "Ferrand", "Briand", "Tanguy", "Jourdan", "Raynaud", "Coste", "Pineau", "Voisin", "Texier",
    "Pascal", "Delattre", "Albert", "Leconte", "Cohen", "Gomez", "Navarro", "Techer", "Riou",
    "Imbert", "Bodin", "Lelièvre", "Lagarde", "Ollivier", "Camus", "Delmas", "Peltier", "Le Guen",
    "Bousquet", "Chartier", "Launay", "Sauvage", "Merle", "Bonneau", "Toussaint", "Rossi",
    "Ledoux", "Dubreuil", "Maury", "Bouvet", "Labbé", "Devaux", "Guilbert", "Ferreira", "Allard",
    "Jacques", "Delorme", "Berthelot", "Leveque", "Chauveau", "Turpin", "Lefort", "Delage",
    "Grenier", "Vallet", "Rousset", "Gaudin", "Bailleul", "Maillet", "Tournier", "Seguin",
    "Bruneau", "Martineau", "Parent", "Didier", "Prigent", "Clerc", "Godard", "Courtois",
    "Vaillant", "Duclos", "Guerin", "Lemarchand", "Brossard", "Blin", "Evrard", "Marion", "Cornu",
    "Blondeau", "Descamps", "Bernier", "Mahe", "Le Corre", "Leblond", "Salmon", "Gras", "Masse",
    "Drouet", "Ribeiro", "Poisson", "Brunel", "Levy", "Ruiz", "Neveu", "Rigaud", "Billard",
    "Godefroy", "Alexandre", "Parmentier", "Couturier", "Barre", "Dupré", "Bouchez", "Auger",
    "Boulay", "Hebert", "Merlin", "Rault", "Jolly", "Favre", "Lopes", "Bourdon", "Prat", "Mas",
    "Pruvost", "Chretien", "Valette", "Duhamel", "Baudry", "Fischer", "Normand", "Lacombe",
    "Weiss", "Forestier", "Lebon", "Loiseau", "Tellier", "Teixeira", "Foucher", "Michelet", "Mary",
    "Mouton", "Bonnin", "Gaudry", "Guibert", "Leduc", "Potier", "Cochet", "Thibault", "Wagner",
    "Maillot", "Rossignol", "Combes", "Lesage", "Hardy", "Jung", "Vallée", "Charrier", "Granger",
    "Girault", "Monier", "Guignard", "Favier", "Vigneron", "Guyon", "Ferry", "Lafon", "Lang",
    "Chapuis", "Fouquet", "Besse", "Raymond", "Pottier", "Bourdin", "Guy", "Delannoy", "Levasseur",
    "Kieffer", "Lafont", "Cartier", "Pujol", "Lecoq", "Doucet", "Rousselle", "Coulon", "Bonnefoy",
    "Fortin", "Letellier", "Leonard", "Beaumont", "Mercadier", "Tixier", "Castel", "Marin",
    "Crepin", "Thiery", "Zimmermann", "Hoffmann", "Schwartz", "Koch", "Roth", "Walter", "Keller",
    "Becker", "Bauer", "Simonet", "Barret", "Deschamp", "Soulier", "Munoz", "Marechal", "Payen",
    "Schaeffer", "Blanchet", "Boutin", "Menard", "Guillemin", "Geoffroy", "Carlin", "Cordonnier",
    "Gonzalez", "Diaz", "Alvarez", "Torres", "Romero", "Moreno", "Delgado", "Ortega", "Vega",
    "Marques", "Pinto", "Carvalho", "Oliveira", "Sousa", "Rocha", "Mendes", "Nunes", "Ramos",
    "Lebas", "Quéré", "Le Bris", "Le Bihan", "Le Floch", "Le Berre", "Guillou", "Kerbrat",
    "Cadiou", "Kervella", "Tanneau", "Bescond", "Morvan", "Le Gac", "Jézéquel", "Madec", "Guéguen",
    "Le Bras", "Cariou", "Colas", "Le Meur", "Le Saux", "Rouxel", "Corbel", "Salaun", "Abgrall",
    "Quéméner", "Le Borgne", "Le Dantec", "Floch", "Nédélec", "Kergoat", "Troadec", "Bozec",
    "Hénaff", "Etcheverry", "Ithurralde", "Larralde", "Dufau", "Lafitte", "Lacoste", "Labat",
    "Castera", "Cazenave", "Capdeville", "Dubos", "Laborde", "Lasserre", "Lacaze", "Laffont",
    "Darrieu", "Baylet", "Barthe", "Bonnafous", "Calvet", "Cros", "Delpech", "Espinasse",
    "Fabregue", "Gleizes", "Jaubert", "Lagrange", "Malet", "Nègre", "Olive", "Pagès", "Puech",
    "Rigal", "Sabatier", "Salles", "Serres", "Sicard", "Soulié", "Teyssier", "Viguier", "Vernhes",
    "Mouret", "Roques", "Bruguière", "Cabrol", "Combettes", "Marre", "Reboul", "Audibert",
    "Autran", "Bérenger", "Blache", "Bonifay", "Chabert", "Dalmas", "Estève", "Gastaldi",
    "Honorat", "Isnard", "Jullien", "Long", "Mistral", "Olivieri", "Pellegrin", "Raybaud",
    "Ricard", "Signoret", "Tardieu", "Vial", "Andreani", "Casanova", "Colonna", "Filippi",
    "Giudicelli", "Leca", "Luciani", "Mattei", "Orsini", "Paoli", "Poggi", "Santoni", "Susini",
    "Leandri", "Agostini", "Antonetti", "Bartoli", "Benedetti", "Cesari", "Ceccaldi", "Franceschi",
    "Grimaldi", "Mariani", "Pietri", "Quilichini", "Raffalli", "Sampieri", "Vincenti", "Dijoux",
    "Lauret", "Bègue", "Nativel", "Sautron", "Vitry", "Cadet", "Clain", "Gonthier", "Virapoullé",
    "Ramsamy", "Mardaye", "Narassiguin", "Célestin", "Cazimir", "Zami", "Jean-Marie", "Jean-Louis",
    "Joseph-Alexandre", "Saint-Louis", "Marie-Joseph", "Bellance", "Sainte-Rose",
    "Ozier-Lafontaine", "Jean-Philippe", "Eustache", "Guillaume-Charles", "Delor", "Varasse",
};
constexpr std::string_view kListedForeign[] = {
    "Benali", "Nguyen", "Diallo", "Traoré", "Ferreira", "Da Silva", "Fernandes", "Pereira",
    "Rodrigues", "Lopes", "Santos", "Gonçalves", "Dos Santos", "Alves", "Costa", "Benmoussa",
    "Haddad", "Mansouri", "Khelifi", "Belkacem", "Bouzid", "Hamidi", "Cherif", "Saidi", "Amrani",
    "Alaoui", "El Amrani", "Bennani", "Tazi", "Idrissi", "Trabelsi", "Ben Salah", "Gharbi",
    "Jaziri", "Yilmaz", "Kaya", "Demir", "Çelik", "Şahin", "Öztürk", "Kowalski", "Nowak",
    "Wiśniewski", "Popescu", "Ionescu", "Popa", "Shevchenko", "Kovalenko", "Cissé", "Coulibaly",
    "Keita", "Sow", "Ba", "Ndiaye", "Diop", "Fall", "Koné", "Ouattara", "Kouassi", "Mbarga", "Ngo",
    "Mbala", "Kabongo", "Ilunga", "Rakoto", "Rabe", "Andriamanana", "Ali", "Said", "Mohamed",
    "Pierre-Louis", "Jean-Baptiste", "Joseph", "Oliveira", "Wang", "Zhang", "Chen", "Li", "Tran",
    "Le", "Pham", "Kumar", "Selvarajah", "Sivakumar", "Ahmadi", "Rahimi", "Al-Hassan", "Rossi",
    "Russo", "Bianchi", "García", "Fernández", "Schmidt", "Becker", "Peeters", "Smith", "Jones",
    "Mebarki", "Boudjemaa", "Benamar", "Zerrouki", "Ouali", "Hammoudi", "Brahimi", "Meziane",
    "Slimani", "Belaïd", "Larbi", "Kaci", "Toumi", "Boumediene", "Benyahia", "Chikhi", "Guerfi",
    "Lounis", "Aouad", "Ferhat", "Bensaïd", "Rahmani", "Ziani", "Boukhari", "Chaoui", "El Idrissi",
    "Berrada", "Fassi", "Benjelloun", "Ouazzani", "Lahlou", "Chraïbi", "Sefrioui", "Naciri",
    "Bouazizi", "Jendoubi", "Mejri", "Hamdi", "Ayari", "Dridi", "Mabrouk", "Sassi", "Chebbi",
    "Camara", "Touré", "Sylla", "Sissoko", "Dembélé", "Konaté", "Sidibé", "Doumbia", "Sacko",
    "Soumaré", "Diakité", "Bathily", "Kanté", "Sarr", "Gueye", "Faye", "Seck", "Mbaye", "Thiam",
    "Niang", "Sy", "Kane", "Diarra", "Sanogo", "Bamba", "Kouamé", "Koffi", "Yao", "Konan",
    "Nguessan", "Mensah", "Ekotto", "Njoya", "Fotso", "Kamga", "Tchoumi", "Moukoko", "Makosso",
    "Nzaou", "Loemba", "Mukendi", "Tshibangu", "Rasoanaivo", "Razafy", "Ramanantsoa", "Randria",
    "Soilihi", "Abdallah", "Combo", "Attoumani", "Mze", "Dorival", "Estimé", "Desir", "Silva",
    "Martins", "Gomes", "Moreira", "Correia", "Monteiro", "Tavares", "Barbosa", "Vieira",
    "Cardoso", "Soares", "Figueiredo", "Antunes", "Esteves", "Fonseca", "Matos", "Neves",
    "Ribeiro", "Duarte", "Aydin", "Arslan", "Doğan", "Kılıç", "Aslan", "Yıldız", "Özdemir",
    "Polat", "Koç", "Kurt", "Wójcik", "Kamiński", "Lewandowski", "Zieliński", "Szymański",
    "Dumitru", "Stan", "Gheorghe", "Stoica", "Munteanu", "Bondarenko", "Tkachenko", "Petrosyan",
    "Sargsyan", "Ivanov", "Petrov", "Jovanović", "Nikolić", "Petrović", "Liu", "Yang", "Huang",
    "Zhao", "Wu", "Zhou", "Xu", "Sun", "Lin", "Hoang", "Phan", "Vu", "Dang", "Bui", "Do", "Huynh",
    "Chea", "Sok", "Keo", "Phommachanh", "Singh", "Sharma", "Khan", "Ahmed", "Hussain", "Malik",
    "Perera", "Fernando", "Hosseini", "Karimi", "Haidari", "Noori", "Khoury", "Nassar", "Saleh",
    "Esposito", "Romano", "Colombo", "Ricci", "Marino", "Greco", "Conti", "De Luca", "Jiménez",
    "Hernández", "Suárez", "Castro", "Ortiz", "Molina", "Janssens", "Maes", "Jacobs", "Mertens",
    "De Smet", "Müller", "Taylor", "Brown", "Wilson", "Evans", "Walker",
};
constexpr std::string_view kHeads[] = {
    "B", "C", "D", "F", "G", "L", "M", "P", "R", "T", "V", "J", "S", "Br", "Ch", "Cl", "Cr", "Fr",
    "Gr", "Pl", "Pr", "Tr", "Bl", "Gl",
};
constexpr std::string_view kVowels[] = {
    "a", "e", "i", "o", "u", "ou", "au", "ai", "oi", "eu",
};
constexpr std::string_view kMiddles[] = {
    "b", "bl", "ch", "d", "g", "l", "ll", "m", "n", "nd", "r", "rd", "rg", "rl", "rm", "rn", "rr",
    "rt", "rv", "s", "ss", "t", "tt", "v", "z", "gn", "lm", "nt", "nn", "mb",
};
constexpr std::string_view kEnds[] = {
    "in", "on", "et", "ier", "ard", "aud", "eau", "ot", "ac", "an", "ieu", "oux", "el", "elle",
    "ois", "y", "eux", "is", "at", "ade", "aux", "enc", "al", "as", "u", "oz", "ic", "ou", "eul",
    "oy", "ain", "eil", "eron", "olet", "ineau", "elin", "ery", "aire", "ault", "our", "ert", "ez",
    "asse", "uet", "onnet", "eret", "illon", "aille", "iot", "onneau",
};
constexpr std::string_view kForeignHeads[] = {
    "B", "D", "F", "G", "H", "J", "K", "L", "M", "N", "R", "S", "T", "Z", "Kh", "Ch",
};
constexpr std::string_view kForeignVowels[] = {
    "a", "i", "o", "u", "é",
};
constexpr std::string_view kForeignMiddles[] = {
    "b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "r", "s", "t", "z", "ll", "mm", "ss", "rr",
    "kr", "nd",
};
constexpr std::string_view kForeignEnds[] = {
    "i", "a", "o", "ou", "an", "am", "ane", "ari", "ani", "adi", "oui", "ima", "aye", "ova", "ić",
    "ski", "oglu", "ez", "es", "ira", "ara", "éné", "amba", "onga", "iki", "elo", "uma", "undu",
    "asinghe", "atos", "eira",
};
// clang-format on

// x = a + (b - a) draw, rank = x^5 - shift: the inverse of the sum of 1 / (r + q)^(4/5). In units
// of 2^-20: x^5 stays below 2^64 at each step.
struct Law {
  std::uint64_t from, to;  // a and b: fifth roots of the ranks' ends, shifted
  std::uint64_t shift;
  std::uint32_t names;
};
constexpr unsigned kUnit = 20;
// (1.5 + 14.5)^0.2 and (160,000.5 + 14.5)^0.2; rank from 0 is x^5 - 15.
constexpr Law kFrench = {1'825'700, 11'519'458, 15, kFrenchSurnames};
// (0.5 + 20)^0.2 and (40,000.5 + 20)^0.2; rank from 0 is x^5 - 20.5, taken as 20.
constexpr Law kForeign = {1'918'451, 8'730'848, 20, kForeignSurnames};
constexpr std::uint32_t kMartin = 18'468'274;  // 43 of 10,000, of 2^32

constexpr std::uint64_t kComposed =
    std::size(kHeads) * std::size(kVowels) * std::size(kMiddles) * std::size(kEnds);
constexpr std::uint64_t kComposedUsed = kFrenchSurnames - std::size(kListedFrench);

std::string Composed(std::uint64_t n) {
  static const Permutation order(kComposed, 1'793);
  n = order.Of(n);
  std::string name(kHeads[n % std::size(kHeads)]);
  n /= std::size(kHeads);
  name += kVowels[n % std::size(kVowels)];
  n /= std::size(kVowels);
  name += kMiddles[n % std::size(kMiddles)];
  return name += kEnds[n / std::size(kMiddles)];
}

// One in eight begins with Ben, one with El.
std::string ComposedForeign(std::uint64_t n) {
  static const Permutation order(std::size(kForeignHeads) * std::size(kForeignVowels) *
                                     std::size(kForeignMiddles) * std::size(kForeignEnds),
                                 1'848);
  n = order.Of(n);
  const std::uint64_t which = Mix(n) % 8;
  std::string name(which == 0 ? "Ben " : which == 1 ? "El " : "");
  name += kForeignHeads[n % std::size(kForeignHeads)];
  n /= std::size(kForeignHeads);
  name += kForeignVowels[n % std::size(kForeignVowels)];
  n /= std::size(kForeignVowels);
  name += kForeignMiddles[n % std::size(kForeignMiddles)];
  return name += kForeignEnds[n / std::size(kForeignMiddles)];
}

}  // namespace

std::string SurnameOfRank(Origin origin, std::uint32_t rank) {
  if (origin == Origin::kForeign) {
    CLOISON_CHECK(rank < kForeignSurnames);
    return rank < std::size(kListedForeign) ? std::string(kListedForeign[rank])
                                            : ComposedForeign(rank - std::size(kListedForeign));
  }
  CLOISON_CHECK(rank < kFrenchSurnames);
  return rank < std::size(kListedFrench) ? std::string(kListedFrench[rank])
                                         : Composed(rank - std::size(kListedFrench));
}

std::string SurnameOfNobody(std::uint64_t draw) {
  std::string name;
  do {
    name = Composed(kComposedUsed + draw % (kComposed - kComposedUsed));
    draw = Mix(draw);
  } while (std::find(std::begin(kListedFrench), std::end(kListedFrench), name) !=
           std::end(kListedFrench));
  return name;
}

std::uint32_t SurnameRank(Origin origin, std::uint32_t draw) {
  const Law& law = origin == Origin::kFrench ? kFrench : kForeign;
  std::uint64_t even = draw;
  if (origin == Origin::kFrench) {
    if (draw < kMartin) return 0;
    even = (std::uint64_t{draw - kMartin} << 32) / ((std::uint64_t{1} << 32) - kMartin);
  }
  const std::uint64_t x = law.from + ((law.to - law.from) * even >> 32);
  const std::uint64_t x2 = x * x >> kUnit, x4 = x2 * x2 >> kUnit;
  const std::uint64_t rank = (x4 * x >> 2 * kUnit) - law.shift;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(rank, law.names - 1));
}

}  // namespace cloison::ingest::internal
